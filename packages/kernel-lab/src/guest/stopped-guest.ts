/** Bytes of one access. */
export type AccessSize = 1 | 2 | 4;

/**
 * A guest whose processor is held at one place of a real kernel, and what can be done with its hardware meanwhile.
 * Addresses are physical; whatever answers there is reached: memory, config space (ECAM), a unit's registers. Reads and
 * writes take effect in the order in which they are called, whether those before have been answered or not.
 */
export interface StoppedGuest {
  readPort(port: number, size: AccessSize): Promise<number>;
  writePort(port: number, size: AccessSize, value: number): Promise<void>;
  read(address: number, size: AccessSize): Promise<number>;
  write(address: number, size: AccessSize, value: number): Promise<void>;
  readBytes(address: number, length: number): Promise<Uint8Array>;
  writeBytes(address: number, bytes: Uint8Array): Promise<void>;
  /** Lets the hardware run for `ms` of guest time while the processor spins with interrupts off. */
  wait(ms: number): Promise<void>;
  /**
   * Lets the kernel do by itself what it was stopped before, and stops it again when that has returned. Only at stops that
   * stand for a function of the kernel (irq_remap_init, iommu_init).
   */
  runKernel(): Promise<void>;
}
