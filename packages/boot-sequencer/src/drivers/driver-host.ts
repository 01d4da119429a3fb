import type { Address, Nanoseconds } from '@quiesce/simulation';

/** Where a function is found in config space now. */
export interface FunctionPlace {
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
}

/** Whether the device reads the buffer, writes it, or both. */
export type DmaDirection = 'to-device' | 'from-device' | 'both';

/**
 * All that a device driver has of its kernel, for one device: one host belongs to one function. Each access is an
 * access of the CPU at the present virtual time; only {@link delay} lets time pass.
 */
export interface DriverHost {
  readonly now: Nanoseconds;
  /** Busy-waits or sleeps while the hardware runs on. `ms` may have a fraction. */
  delay(ms: number): void;
  /** Prints a line to the kernel's log, without time stamp. */
  log(line: string): void;
  /** `size` is 1, 2 or 4. All ones where nothing answers. */
  configRead(place: FunctionPlace, offset: number, size: number): number;
  configWrite(place: FunctionPlace, offset: number, size: number, value: number): void;
  /**
   * Decoding that the function's BARs ask for, as enumeration found them, Command bits 0 and 1: a kernel goes by its
   * resources, not by what a BAR holds now. Undefined where enumeration did not size them.
   */
  readonly decoders?: number;
  /** Enabling a function without message interrupts clears its Interrupt Disable; default false. */
  readonly clearsInterruptDisable?: boolean;
  mmioRead32(address: Address): number;
  mmioWrite32(address: Address, value: number): void;
  /** `size` is 1, 2 or 4. */
  ioRead(port: number, size: number): number;
  ioWrite(port: number, size: number, value: number): void;
  /**
   * Physical address of `bytes` of zeroed, contiguous kernel memory that begins at a page. `data` may stand in other
   * memory than what the device and its driver share, the default.
   */
  allocate(bytes: number, use?: 'shared' | 'data'): Address;
  /**
   * Makes memory reachable for the device: the first call may attach the device to a domain of its own.
   * @returns the address for the device to use (multiple of 4 KiB where `physical` is), or undefined if there is none
   */
  mapDma(physical: Address, bytes: number, direction: DmaDirection): Address | undefined;
  readMemory32(physical: Address): number;
  writeMemory32(physical: Address, value: number): void;
  /**
   * The kernel requests and programs the device's interrupt: MSI-X, MSI or INTx. `vectors` (default 1) is how many the
   * driver asks for; only MSI-X gives more than one. False if it cannot.
   */
  setUpInterrupt(vectors?: number): boolean;
  disableInterrupt(): void;
  /** Whether an interrupt of this device has arrived since {@link setUpInterrupt}. */
  interruptSeen(): boolean;
}

/** What differs between drivers of one kind of device: data. */
export interface DriverTraits {
  /**
   * Enables bus mastering before it resets its device, so that stale work may resume in between (most PCI drivers:
   * `pci_set_master` stands at the head of probe). Drivers for AHCI reset first.
   */
  readonly mastersBeforeReset: boolean;
  /** Resets its device before it maps its first buffer. HD audio drivers map their streams first. */
  readonly resetsBeforeMap: boolean;
  /** Time that it spends between `pci_set_master` and the reset of its device, milliseconds. */
  readonly setUpMs: number;
  /** How long it waits for its device to come out of reset, milliseconds. */
  readonly resetTimeoutMs: number;
  /** How long it waits for the first sign of work, milliseconds. */
  readonly proofTimeoutMs: number;
  /** Receive descriptors, outstanding commands or buffer list entries that `start` leaves with the device. */
  readonly queueDepth: number;
  /** Bytes of each of these buffers; a multiple of 4. */
  readonly bufferBytes: number;
}

/** A device as a driver is given it. Its BARs are read from config space, never assumed. */
export interface DriverDevice {
  /** For the log: `0000:01:00.0`. */
  readonly name: string;
  readonly place: FunctionPlace;
  /** Devices of the same kind that the kernel finds before it: for drivers that count theirs; default 0. */
  readonly instance?: number;
  readonly traits: DriverTraits;
}

export type ProbeResult = 'working' | 'failed';

/** A device driver as both kernels have it. Keeps nothing between calls: what it must know again it reads from the device. */
export interface DeviceDriver {
  /** The kind of engine that it drives. */
  readonly kind: string;
  /** Name that it has in the log: `e1000e`. */
  readonly name: string;
  /** Traits that a usual driver of this kind has. */
  readonly defaultTraits: DriverTraits;
  /**
   * Requests are answered at the pace of something behind the device, so that a machine with less to do leaves fewer of them
   * behind: the first kernel's `queueDepth` follows the machine's load. Default: it does not.
   */
  readonly queuesFollowLoad?: boolean;
  /** First kernel: programs and starts the device and leaves work outstanding. */
  start(host: DriverHost, device: DriverDevice): void;
  /**
   * First kernel, while it lives: what the interrupt handler does. Acknowledges the cause and gives used
   * descriptors back. Calling it is optional.
   */
  service(host: DriverHost, device: DriverDevice): void;
  /** Second kernel: enables, resets and programs the device, and waits for a proof that it works. */
  probe(host: DriverHost, device: DriverDevice): ProbeResult;
  /** Masks interrupts by the device's own registers, not in config space. */
  maskInterrupts(host: DriverHost, device: DriverDevice): void;
  /**
   * What the kernel does to the device at the final fixups, long before any driver (`quirk_usb_early_handoff`).
   * Undefined for kinds that have no such quirk.
   */
  readonly earlyHandoff?: (host: DriverHost, device: DriverDevice) => void;
}
