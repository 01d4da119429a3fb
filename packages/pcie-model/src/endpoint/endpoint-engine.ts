import type {
  Address,
  MemoryOwner,
  Nanoseconds,
  ResetKind,
  RunningHash,
  Snapshottable,
} from '@quiesce/simulation';
import type { CompletionStatus } from '../request/completion.ts';
import type { EndpointDescription } from './endpoint-description.ts';

/**
 * The way of an engine to the fabric. Each call is one request (or, for `repeat` > 1, that many back to back
 * requests of equal length at rising addresses inside one 4 KiB page), gated by Bus Master Enable here and at every
 * bridge above, translated by the unit in its path, and answered at once.
 */
export interface EndpointPort {
  /** Virtual time of the transaction being made. */
  readonly now: Nanoseconds;
  /** Reads one dword, e.g. of a descriptor. The value is in `dword` if the status is success. */
  readDword(address: Address): CompletionStatus;
  /** Result of the last {@link readDword}. */
  readonly dword: number;
  /**
   * `count` more reads of a dword, `stride` bytes apart, in one step; their values go to `into`. Only after a successful
   * {@link readDword} that was {@link steady}, and as far as its answer is {@link validFor}.
   */
  readMore(address: Address, stride: number, count: number, into: Float64Array): void;
  /**
   * Like {@link readMore}, but only as many, from the first on, as give `value`; returns how many that were. `stride`
   * may be 0: the same dword again. The answer may also be that of an earlier read of a chain of steady ones.
   */
  readAlike(address: Address, stride: number, count: number, value: number): number;
  writeDword(address: Address, value: number): CompletionStatus;
  /** The same for the dword after the one just written. */
  writeNext(address: Address, value: number): CompletionStatus;
  /** Reads data that nobody looks at (a playback buffer, a command's payload). */
  readData(address: Address, length: number, repeat: number): CompletionStatus;
  /** Writes data that follows from the device and the address. */
  writeData(address: Address, length: number, repeat: number): CompletionStatus;
  /**
   * Like {@link readData} for one request, and then for as many of `most` as the same answer lets reach memory:
   * {@link made} tells how many that were. One that does not succeed stays alone.
   */
  readMany(address: Address, length: number, most: number): CompletionStatus;
  writeMany(address: Address, length: number, most: number): CompletionStatus;
  /**
   * `count` more writes of `length` bytes of data, `stride` bytes apart, in one step. Only after successful, steady
   * writes that reached memory, of which one's answer is {@link validFor} all of these.
   */
  writeDataMore(address: Address, length: number, stride: number, count: number): void;
  /** The same for a dword. */
  writeDwordMore(address: Address, stride: number, count: number, value: number): void;
  /** How many requests the last {@link readMany} or {@link writeMany} made. */
  readonly made: number;
  /** Whether the last request, made again now, would change nothing but counters. */
  readonly steady: boolean;
  /** Bytes from the last request's address for which its answer holds. */
  readonly validFor: number;
  /** Owner of the memory that the last data request reached. */
  readonly owner: MemoryOwner;
  /** Raises interrupt `index`: an MSI or MSI-X write, or INTx asserted, as the function is programmed now. */
  interrupt(index: number): void;
  /** INTx deasserted. */
  deassertInterrupt(): void;
  /** Reports a fatal error of the device itself (ERR_FATAL, as far as it is enabled). */
  fatalError(): void;
}

/**
 * The part of an endpoint that masters the bus. It owns device registers (its BARs) and internal state, and
 * goes on for as long as nobody stops it.
 */
export interface EndpointEngine extends Snapshottable<unknown> {
  readonly description: EndpointDescription;
  /** When it makes its next transaction; Infinity while it has nothing to do. */
  readonly nextTime: Nanoseconds;
  /**
   * Makes the transaction that is due at `nextTime` and sets the next one. While transactions are steady and due
   * before `horizon`, it may make them in one step, with the same result.
   */
  step(port: EndpointPort, horizon: Nanoseconds): void;
  /** Device registers, by BAR index. `size` is 1, 2 or 4. All ones where there is no register. */
  readRegister(bar: number, offset: number, size: number, now: Nanoseconds): number;
  writeRegister(bar: number, offset: number, size: number, value: number, now: Nanoseconds): void;
  /** Bus Master Enable has changed. */
  busMasterChanged(enabled: boolean, now: Nanoseconds): void;
  /** Of a display: there is a picture on its screen. Others have none to show. */
  readonly showsPicture?: boolean;
  /** The function was reset; a cold or conventional reset or an FLR clears everything internal. */
  reset(kind: ResetKind, now: Nanoseconds): void;
  /** Non-posted requests outstanding (Transactions Pending). */
  transactionsPending(now: Nanoseconds): boolean;
  hashInto(hash: RunningHash): void;
}
