/** A place in the log: lines count from 1, as the file has them. */
export interface LogPlace {
  readonly line: number;
  /** Last line, where a message was wrapped or has a second line; default: the same line. */
  readonly lastLine?: number;
}

/** Whose words a fault was reported in. */
export type FaultArchitecture =
  | 'vt-d'
  | 'xen-vt-d'
  | 'amd-vi'
  | 'smmu-v3'
  /** Arm's SMMU of version 1 or 2. */
  | 'smmu-v2'
  | 'apple-dart'
  | 'mediatek-iommu'
  | 'rockchip-iommu'
  | 'riscv-iommu'
  | 'virtio-iommu';

/** A requester ID as logs print it. It may be an alias, or name a function that does not exist. */
export interface LoggedRequester {
  /** Undefined where the line does not say it: Linux's VT-d lines never do. */
  readonly segment?: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
}

/** One fault of a log. */
export interface LoggedFault extends LogPlace {
  readonly architecture: FaultArchitecture;
  readonly kind: 'dma' | 'interrupt';
  readonly operation?: 'read' | 'write';
  /** Undefined where damage took it. */
  readonly requester?: LoggedRequester;
  /** Of DMA: the I/O virtual address as printed, hexadecimal without 0x, as it may have 64 bits. */
  readonly address?: string;
  /** Of interrupts: index into the interrupt remapping table. */
  readonly index?: number;
  /** Undefined, or none. */
  readonly pasid?: number;
  /** VT-d fault reason 0 .. 0xff; undefined where the line has lost it, and for other architectures. */
  readonly reason?: number;
  /** The reason in words of the specification, or of the log where we have none. */
  readonly reasonText: string;
  /** Clause of the VT-d specification. */
  readonly section?: string;
  /** Seconds since boot, where a stamp says so. */
  readonly seconds?: number;
  /** StreamID, device ID or endpoint of a unit that names no requester ID. */
  readonly stream?: number;
  /** Line shape, F1 to F8 (VT-d on Linux), `xen`, `amd`, `smmu`, `platform`. */
  readonly shape: string;
  /** Index into {@link Diagnosis.kernels}. */
  readonly kernel: number;
  /** The message as it stands in the log, without its carrier; two lines joined by a blank; at most 300 characters. */
  readonly text?: string;
  /** What damage was seen past: `wrapped`, `quoted`, `cut`, … */
  readonly damage: readonly string[];
}

/** Faults that are alike: same kernel, phase, requester, operation and reason. */
export interface FaultGroup {
  readonly kernel: number;
  readonly phase: BootPhase;
  readonly example: LoggedFault;
  readonly count: number;
  readonly firstLine: number;
  readonly lastLine: number;
  /** Lowest and highest address, hexadecimal without 0x, padded to equal length. */
  readonly addresses?: { readonly lowest: string; readonly highest: string };
  readonly firstSeconds?: number;
  readonly lastSeconds?: number;
}

/** Which part of a kernel's life a line stands in. */
export type BootPhase =
  | 'unknown'
  | 'early-boot'
  | 'interrupt-remapping-setup'
  | 'before-dma-remapping'
  | 'dma-remapping-setup'
  | 'drivers'
  | 'running'
  | 'crash';

/** What something else than a fault line told. */
export interface LogEvent extends LogPlace {
  readonly kind:
    | 'fault-status'
    | 'suppressed'
    | 'tables-copied'
    | 'tables-copy-failed'
    | 'interrupt-table-copied'
    | 'interrupt-table-copy-failed'
    | 'enabled-but-not-kdump'
    | 'firmware-bug'
    | 'hardware-malfunction'
    | 'system-error'
    /** POWER's EEH cut an endpoint off, or an s390 machine reported an error of a function. */
    | 'isolated'
    | 'aer'
    | 'panic'
    | 'timer-check-failed'
    | 'driver-failure'
    | 'hang'
    | 'out-of-memory'
    | 'dump-saved'
    | 'dump-failed'
    | 'device-dump'
    /** A function is taken out or removed: `Removing from iommu group`, `pciehp`, surprise removal. */
    | 'hot-unplug'
    /** A function is handed to a guest or to a program: `vfio-pci`, `pciback`, `uio`. */
    | 'pass-through'
    /** `kernel BUG at`, `WARNING: CPU`, `general protection fault`, `Oops`. */
    | 'kernel-bug';
  readonly kernel: number;
  readonly phase: BootPhase;
  /** The message without its carrier. */
  readonly text: string;
  readonly seconds?: number;
  /** Function that the line names, `0000:01:00.0`. */
  readonly device?: string;
  /** Of `suppressed`: how many messages are missing. */
  readonly count?: number;
}

/** What one kernel says of itself. */
export interface LoggedKernel {
  readonly index: number;
  /** `first`: before a crash; `crash`: a kdump kernel; `rebooted`: after it, by firmware; `only`: nothing tells. */
  readonly role: 'first' | 'crash' | 'rebooted' | 'only';
  /** Why it is taken for that. */
  readonly roleReason: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly release?: string;
  /** Version behind the release, where the banner has one: `6.1.192` of Debian's `6.1.0-56-amd64`. */
  readonly version?: string;
  readonly commandLine?: string;
  readonly phases: readonly {
    readonly phase: BootPhase;
    readonly firstLine: number;
    /** Seconds since boot, where the line's stamp says so. */
    readonly seconds?: number;
  }[];
  /** `copied`, `rebuilt` over translation that was on, `fresh` (translation was off), or nothing tells. */
  readonly dmaTables: 'copied' | 'copy-failed' | 'rebuilt' | 'fresh' | 'unknown';
  readonly interruptTables: 'copied' | 'copy-failed' | 'rebuilt' | 'fresh' | 'unknown';
  readonly inventory: RemappingInventory;
}

/** Remapping hardware and tables that a kernel listed. */
export interface RemappingInventory {
  readonly architecture?: 'vt-d' | 'amd-vi' | 'smmu-v3' | 'smmu-v2';
  readonly units: readonly {
    readonly name: string;
    /** Hexadecimal without 0x. */
    readonly registerBase?: string;
    readonly capability?: string;
    readonly extendedCapability?: string;
    readonly line: number;
  }[];
  readonly reservedRegions: readonly { readonly base: string; readonly end: string; readonly line: number }[];
  /** Ranges that the firmware's memory map (e820, EFI) calls reserved or its own; the first ones only. */
  readonly firmwareMemory?: readonly { readonly base: string; readonly end: string; readonly line: number }[];
  readonly ioApics: readonly { readonly id: number; readonly unit?: string; readonly line: number }[];
  /** Other lines of the inventory (ATSR, RHSA, SATC, ANDD, queued invalidation, modes). */
  readonly lines: readonly { readonly line: number; readonly text: string }[];
}

/** A function that a requester ID of the log stands for, by a capture. */
export interface RequesterTie {
  /** `04:00.0`, as the log prints it. */
  readonly requester: string;
  /** Functions that may have sent the request; empty if the capture has none. */
  readonly functions: readonly string[];
  readonly how:
    | 'itself'
    | 'bridge-alias'
    | 'phantom-function'
    | 'io-apic'
    | 'hpet'
    | 'platform-device'
    /** A virtual function that is not enumerated. */
    | 'virtual-function'
    /** A function behind a volume management device, in a domain that software made. */
    | 'vmd-child'
    /** Masters the bus, and does not answer in config space. */
    | 'hidden-function'
    | 'not-found';
  readonly explanation: string;
  /** Where `functions` is empty: functions that could be behind it, none of them proven. */
  readonly candidates?: readonly string[];
  /** Remapping units that cover it: one for each segment that it may be in. */
  readonly units?: readonly string[];
  /** Reserved regions (RMRR) that name it: `0x9d800000-0x9fffffff`. */
  readonly reservedRegions?: readonly string[];
}

/** A likely cause, the most likely first. */
export interface LikelyCause {
  /** Stable name, e.g. `tables-rebuilt-under-dma`. */
  readonly id: string;
  readonly title: string;
  /** 0 .. 1: how well the log fits; not a probability. */
  readonly fit: number;
  /** The mechanism, in general. */
  readonly explanation: string;
  /** What was seen in this log, or in the capture, that speaks for it: sentences without full stops. */
  readonly seen: readonly string[];
  /** Lines that it rests on. */
  readonly lines: readonly number[];
  /** What speaks against it. */
  readonly against: readonly string[];
  /** What would confirm it. */
  readonly confirm: readonly string[];
  /** What to do about it. */
  readonly remedy: readonly string[];
  /** Cases of the public record that it resembles. */
  readonly cases: readonly string[];
  /** A command line of quiesce that replays it. */
  readonly replay?: string;
}

/** What a log says. */
export interface Diagnosis {
  readonly schema: 'quiesce/diagnosis/1';
  readonly file: string;
  readonly lines: number;
  readonly bytes: number;
  /** Lines that a message takes on average, where its carrier spreads it over several: `journalctl -o json-pretty`. */
  readonly linesPerMessage?: number;
  /** `remapping-trouble`; `other-trouble`: something failed, but not by remapping; `none`; `no-kernel-log`. */
  readonly verdict: 'remapping-trouble' | 'other-trouble' | 'none' | 'no-kernel-log';
  /** The verdict in one or two sentences. */
  readonly summary: string;
  readonly kernels: readonly LoggedKernel[];
  readonly faults: {
    readonly dma: number;
    readonly interrupt: number;
    /** At least so many more were not printed (rate limits). */
    readonly suppressed: number;
    readonly groups: readonly FaultGroup[];
    /** The first ones, one by one. */
    readonly first: readonly LoggedFault[];
  };
  readonly events: readonly LogEvent[];
  readonly ties: readonly RequesterTie[];
  readonly causes: readonly LikelyCause[];
  /** What looked like a fault and was not taken for one, and lines that could not be read. */
  readonly notes: readonly { readonly line: number; readonly message: string }[];
}
