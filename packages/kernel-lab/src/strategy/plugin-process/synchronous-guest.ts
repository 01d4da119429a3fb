import type { AccessSize } from '../../guest/stopped-guest.ts';

/** A {@link StoppedGuest} as synchronous code reaches it: each call returns when the guest has answered. */
export interface SynchronousGuest {
  readPort(port: number, size: AccessSize): number;
  writePort(port: number, size: AccessSize, value: number): void;
  read(address: number, size: AccessSize): number;
  write(address: number, size: AccessSize, value: number): void;
  /** A write that does not wait for its end; whatever is done next comes after it. */
  post(address: number, size: AccessSize, value: number): void;
  readBytes(address: number, length: number): Uint8Array;
  writeBytes(address: number, bytes: Uint8Array): void;
  /** Guest time. */
  wait(ms: number): void;
  runKernel(): void;
}
