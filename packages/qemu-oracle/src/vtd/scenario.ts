import type { Invalidation } from './invalidation.ts';

/** One thing that software or a device does. Plain data: a scenario is printed, shrunk and kept as JSON. */
export type Step =
  /** Software writes dwords to memory. */
  | { readonly do: 'memory'; readonly address: number; readonly words: readonly number[] }
  /** Software writes a register of the unit; `invalidates`: what is not cached any more when it is done. */
  | {
      readonly do: 'register';
      readonly offset: number;
      readonly value: number;
      readonly invalidates?: readonly Invalidation[];
    }
  /** Software reads a register of the unit, which is compared. */
  | { readonly do: 'read'; readonly offset: number }
  /** Software reads a dword of memory, which is compared. */
  | { readonly do: 'look'; readonly address: number }
  /**
   * A device reads or writes four bytes at `address`, below 2^52. `requester` is an index into `requesters`. With `keep`
   * the fault that it may cause stays in the log; else the log is cleared, as a fault handler does.
   */
  | {
      readonly do: 'dma';
      readonly requester: number;
      readonly write: boolean;
      readonly address: number;
      readonly keep?: boolean;
    }
  /** A device sends a message: 16 bits of data to an address of 0xfee00000 .. 0xfeefffff. */
  | { readonly do: 'interrupt'; readonly requester: number; readonly address: number; readonly data: number }
  /** What the unit itself has sent since the last such step is compared: fault and invalidation events. */
  | { readonly do: 'messages' };

/** A message that the unit sent on its own: address and data as it put them together. */
export type OwnMessage = readonly [address: number, data: number];

/** Steps from where `resetSteps` leave a unit, over memory of zeros. */
export type Scenario = readonly Step[];

/** What was seen at a step; every driver fills in the same fields. */
export interface Observation {
  /** `read`, `look`: the value. */
  readonly value?: number;
  /** `dma`: number of the {@link targetPages} entry that was read or written, -1 none of them. */
  readonly target?: number;
  /** `dma`, `interrupt`: FSTS, then the four dwords of the first fault recording register, before they are cleared. */
  readonly log?: readonly number[];
  /** `interrupt`: vector and destination of what went on to the local APICs; null: nothing did. */
  readonly delivered?: readonly [vector: number, destination: number] | null;
  /** `messages`: in the order in which they were sent. */
  readonly messages?: readonly OwnMessage[];
}

/** Something that remaps: the model, or QEMU's unit. One suite, two drivers. */
export interface UnitDriver {
  /** Plays a scenario on a unit that has been reset. One observation for each step. */
  play(scenario: Scenario): Promise<readonly Observation[]>;
}

/** Bytes of memory, from address 0. Nothing answers beyond, below the first BAR. */
export const RAM_BYTES = 0x400_0000;
/** Pages that DMA is meant to reach: each tells by its contents which one it is. */
export const targetPages: readonly number[] = Array.from({ length: 8 }, (_, i) => 0x200_0000 + i * 0x1000);
/** Where tables stand: nothing else is written to. */
export const TABLES = { start: 0x10_0000, end: 0x20_0000 } as const;

/** A codec verb that writes `code` into a register of the codec: contents of target page `code - 1`. */
export function targetContents(code: number): number {
  return 0x0027_0600 + code;
}
