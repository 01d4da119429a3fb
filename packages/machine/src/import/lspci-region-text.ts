import type { DecodedSpace } from './lspci-decoded-space.ts';
import type { TextLine } from './lspci-text-register.ts';

const region =
  /^(?:\[(?:virtual|enhanced)\] )?(?:Region ([0-5]): )?(?:\[(virtual|enhanced)\] )?(Memory|I\/O ports) at ([0-9a-f]{1,16}|<[a-z]+>)( \((32-bit|64-bit|low-1M|type 3), (non-)?prefetchable\))?/;
const rom = /^(?:\[virtual\] )?Expansion ROM at ([0-9a-f]{1,16}|<[a-z]+>)/;

/** A base address register as the text describes it. */
interface SaidRegion {
  readonly index: number | undefined;
  readonly io: boolean;
  readonly wide: boolean;
  /** Bits 2:1 of a memory register. */
  readonly type: number;
  readonly prefetchable: boolean;
  /** Undefined where lspci prints `<unassigned>` or the like. */
  readonly address: number | undefined;
  /** Only the kernel knows of it: the register itself reads zero. */
  readonly virtual: boolean;
  readonly line: number;
}

/** Collects the lines of a function's regions and puts them into its config space. */
export class RegionText {
  readonly #regions: SaidRegion[] = [];
  #rom: { readonly address: number; readonly enabled: boolean; readonly line: number } | undefined;
  /** Decoding of I/O and memory, as `[disabled]` behind a region says it. */
  #io: boolean | undefined;
  #memory: boolean | undefined;
  #line = 0;

  /** False if the line is of no region. */
  take({ text, line }: TextLine): boolean {
    const match = region.exec(text);
    if (match !== null) {
      if (this.#regions.length < 6) this.#add(match, text, line);
      return true;
    }
    const found = rom.exec(text);
    if (found === null) return false;
    const address = addressOf(found[1] as string);
    if (address !== undefined && !text.includes('[virtual]')) {
      this.#rom ??= { address, enabled: !text.includes('[disabled'), line };
    }
    return true;
  }

  /** `count` registers are there; `ahci` puts the one region of a controller at its place. */
  put(
    space: DecodedSpace,
    { headerType, ahci }: { readonly headerType: number; readonly ahci: boolean },
  ): void {
    const count = headerType === 0 ? 6 : headerType === 1 ? 2 : 1;
    const only = this.#regions.length === 1 ? this.#regions[0] : undefined;
    let next = ahci && only !== undefined && !only.io ? 5 : 0;
    for (const one of this.#regions) {
      const index = one.index ?? next;
      if (index >= count) continue;
      putRegion(space, one, index, one.index === undefined);
      next = index + (one.wide ? 2 : 1);
    }
    // With an index, lspci names every register that is not zero.
    const indexed = this.#regions.some((one) => one.index !== undefined);
    if (indexed) {
      const first = this.#regions[0]?.line ?? 0;
      for (let index = 0; index < count; index++) {
        if (space.saidBits(0x10 + 4 * index) === 0) space.put(0x10 + 4 * index, 4, 0, 0xffff_ffff, first);
      }
    }
    if (this.#rom !== undefined && headerType < 2) {
      const value = (this.#rom.address >>> 0) + (this.#rom.enabled ? 1 : 0);
      space.put(headerType === 0 ? 0x30 : 0x38, 4, value, 0xffff_ffff, this.#rom.line);
    }
    // -v says no more of the command register than this.
    if (this.#io !== undefined) space.put(0x04, 1, this.#io ? 1 : 0, 1, this.#line);
    if (this.#memory !== undefined) space.put(0x04, 1, this.#memory ? 2 : 0, 2, this.#line);
  }

  #add(match: RegExpExecArray, text: string, line: number): void {
    const io = match[3] !== 'Memory';
    const disabled = text.includes('[disabled]');
    const virtual = text.includes('[virtual]');
    if (io) this.#io ??= !disabled;
    else this.#memory ??= !disabled;
    this.#line ||= line;
    this.#regions.push({
      index: match[1] === undefined ? undefined : Number(match[1]),
      io,
      wide: match[6] === '64-bit',
      type: Math.max(0, ['32-bit', 'low-1M', '64-bit', 'type 3'].indexOf(match[6] ?? '')) * 2,
      prefetchable: match[5] !== undefined && match[7] === undefined,
      address: addressOf(match[4] as string),
      virtual,
      line,
    });
  }
}

function addressOf(text: string): number | undefined {
  const value = text.startsWith('<') ? undefined : Number.parseInt(text, 16);
  return value !== undefined && value < 2 ** 52 ? value : undefined;
}

/** A place that was counted off is an assumption: registers that read zero are not printed. */
function putRegion(space: DecodedSpace, one: SaidRegion, index: number, counted: boolean): void {
  const offset = 0x10 + 4 * index;
  if (one.virtual) {
    if (!counted) space.put(offset, 4, 0, 0xffff_ffff, one.line);
    return;
  }
  const put = (at: number, value: number, mask: number): void => {
    if (counted) space.assume(at, 4, value, mask);
    else space.put(at, 4, value, mask, one.line);
  };
  const type = one.io ? 1 : one.type + (one.prefetchable ? 8 : 0);
  if (one.address === undefined) {
    put(offset, type, one.io ? 3 : 15);
    return;
  }
  const step = one.io ? 4 : 16;
  const low = one.address % 0x1_0000_0000;
  put(offset, low - (low % step) + type, 0xffff_ffff);
  if (one.wide && index < 5) put(offset + 4, Math.floor(one.address / 0x1_0000_0000), 0xffff_ffff);
}
