/** What is wrong, or at the edge of right, with a page-table entry. */
export type EntryFlaw =
  | 'none'
  | 'reserved-high'
  | 'transient'
  | 'snoop'
  | 'below-superpage'
  | 'absent-pointer'
  | 'all-ones'
  | 'page-size-at-top'
  | 'ignored-bits';

/** The same for a context entry. */
export type ContextFlaw =
  | 'none'
  | 'not-present'
  | 'reserved-low'
  | 'reserved-high'
  | 'reserved-word2'
  | 'reserved-word3'
  | 'absent-pointer'
  | 'available-bits';

/** The same for a root entry. */
export type RootFlaw =
  | 'none'
  | 'not-present'
  | 'reserved-low'
  | 'reserved-high'
  | 'upper-half'
  | 'absent-pointer';

/** The same for a PASID directory or table entry. */
export type PasidFlaw =
  | 'none'
  | 'directory-not-present'
  | 'directory-reserved'
  | 'directory-absent-pointer'
  | 'not-present'
  | 'reserved';

/** Something that software or a device does to a unit, in terms of its tables rather than of bytes. */
export type Operation =
  | {
      readonly kind: 'map';
      /** 0 .. 2 */
      readonly tree: number;
      readonly place: number;
      readonly page: number;
      /** 0 4 KiB, 1 2 MiB, 2 1 GiB. */
      readonly size: 0 | 1 | 2;
      readonly frame: number;
      /** Bits 1:0 of the leaf. */
      readonly rights: number;
      /** Bits 1:0 of the entries above. */
      readonly upperRights: number;
      readonly flaw: EntryFlaw;
      /** The entry with the flaw, counted from the leaf. */
      readonly flawAbove: number;
    }
  /** Zeroes the entry of one level. */
  | {
      readonly kind: 'unmap';
      readonly tree: number;
      readonly place: number;
      readonly page: number;
      readonly above: number;
    }
  | {
      readonly kind: 'context';
      readonly requester: number;
      readonly tree: number;
      /** 0 .. 3; scalable: PGTT, 0 .. 7. */
      readonly type: number;
      /** AW where it is not that of the tree; -1 it is. */
      readonly width: number;
      readonly domain: number;
      readonly faultDisable: boolean;
      readonly flaw: ContextFlaw;
      readonly pasidFlaw: PasidFlaw;
    }
  | { readonly kind: 'root'; readonly bus: number; readonly flaw: RootFlaw }
  /** SRTP with one of two root tables, or one where nothing answers. */
  | { readonly kind: 'set-root'; readonly table: number }
  | { readonly kind: 'translation'; readonly on: boolean }
  | {
      readonly kind: 'invalidate-contexts';
      readonly scope: number;
      readonly requester: number;
      readonly domain: number;
      readonly mask: number;
    }
  | { readonly kind: 'invalidate-pasids'; readonly scope: number; readonly domain: number }
  | {
      readonly kind: 'invalidate-translations';
      readonly scope: number;
      readonly domain: number;
      readonly place: number;
      readonly page: number;
      readonly addressMask: number;
    }
  /** A descriptor that is not one. */
  | { readonly kind: 'bad-descriptor'; readonly word0: number }
  | {
      readonly kind: 'request';
      readonly requester: number;
      readonly write: boolean;
      readonly place: number;
      readonly page: number;
      readonly offset: number;
      readonly keep: boolean;
    };

/** A scenario before it is made into bytes. */
export interface Program {
  readonly scalable: boolean;
  /** The invalidation queue is used instead of the registers. */
  readonly queued: boolean;
  /** Levels of the three trees. */
  readonly levels: readonly [number, number, number];
  /** RID_PASID of all context entries. */
  readonly pasid: number;
  /** Before translation is switched on. */
  readonly setup: readonly Operation[];
  readonly operations: readonly Operation[];
}

/** IO virtual addresses that programs use: pages of 4 KiB follow each of them. */
export const places: readonly number[] = [
  0x0200_0000, 0x4200_0000, 0x8_4200_0000, 0xffff_8000, 0x7f_c200_0000, 0x80_0200_0000, 0x7fff_c210_0000,
  0x1_0000_0200_0000, 0x0210_0000,
];

/** Where leaves lead, by size: to the target pages where it can be, to nothing, or into the interrupt window. */
export const frames: readonly (readonly number[])[] = [
  [
    ...Array.from({ length: 8 }, (_, i) => 0x200_0000 + i * 0x1000),
    0x5000_0000,
    0xfee0_0000,
    0xfeef_f000,
    0x1_2340_0000,
  ],
  [0x200_0000, 0x200_0000, 0x5000_0000, 0xfee0_0000, 0x40_0000_0000],
  [0, 0, 0x4000_0000, 0xc000_0000],
];
