import type {
  BridgeDefect,
  EndpointDescription,
  PlatformDescription,
  RootComplexDescription,
} from '@quiesce/pcie-model';
import type { MemoryOwner } from '@quiesce/simulation';

/** Which kernels have a driver for a function, and how it is set up. */
export interface MachineDriver {
  readonly first: boolean;
  readonly second: boolean;
  /** Receive descriptors, outstanding commands or list entries left with the device; default: the driver's own. */
  readonly queueDepth?: number;
  /** Bytes of each buffer, a multiple of 4; default: the driver's own. */
  readonly bufferBytes?: number;
  /**
   * Where the first kernel's data for the device stands: in memory of its own, the default, or in pages that it lends
   * (`cma`) and the second kernel runs in. Rings and tables never stand there.
   */
  readonly buffersIn?: 'dma-buffer' | 'cma';
  /** Enables bus mastering before it resets its device; default: the driver's own way. */
  readonly mastersBeforeReset?: boolean;
  /** Resets its device before it maps its first buffer; default: the driver's own way. A bnx2 of 2016 did not. */
  readonly resetsBeforeMap?: boolean;
  /** Milliseconds between bus mastering and the reset of its device, 0 to 60,000; default: the driver's own. */
  readonly setUpMs?: number;
  /**
   * Firmware runs the device before any kernel, by DMA into the reserved region (RMRR) that names it, where physical and
   * I/O addresses are the same, and goes on while kernels come and go; default false.
   */
  readonly firmware?: boolean;
  /**
   * Of a physical function whose driver sets VF Enable in the first kernel: whether the second kernel's does so, too. Left
   * out, neither does. Virtual functions are functions of the machine with {@link MachineFunction.physicalFunction}.
   */
  readonly enablesVirtualFunctions?: boolean;
}

/** One function of a machine, as JSON. */
export interface MachineFunction {
  /** `0000:01:00.0`; a domain may have five digits. */
  readonly name: string;
  /** Config space: hexadecimal digits, two a byte, without blanks; 64, 256 or 4,096 bytes. */
  readonly config: string;
  /** Bytes of each of the six BARs. */
  readonly barSizes: readonly number[];
  readonly endpoint: EndpointDescription;
  readonly physicalFunction?: string;
  readonly driver: MachineDriver;
  /** What this bridge does wrong; default nothing. */
  readonly defects?: readonly BridgeDefect[];
  /** For people: "82574L Gigabit Network Connection". */
  readonly label?: string;
}

/** Whose programming interface a remapping unit has. */
export type UnitArchitecture = 'vt-d' | 'amd-vi' | 'smmu-v3';

/**
 * A remapping unit. The scope of a VT-d unit stands in the DMAR table; one of another architecture covers its segment.
 * All units of a machine are of one architecture.
 */
export interface MachineUnit {
  /** `dmar0` */
  readonly name: string;
  readonly architecture: UnitArchitecture;
  readonly segment: number;
  readonly registerBase: number;
  /**
   * 16 hexadecimal digits each: capability and extended capability registers (VT-d); extended feature registers 1 and 2
   * (AMD); IDR1:IDR0 and IDR5 (SMMUv3).
   */
  readonly capability: string;
  readonly extendedCapability: string;
  /** Version register, e.g. 0x10. */
  readonly version: number;
  /**
   * AMD: SNP is in force from the moment that software first enables the unit: five base registers ignore writes until a
   * reset; default false.
   */
  readonly locked?: boolean;
  /** AMD: device table entries that the unit keeps; 0 reads the table for every request; default 64. */
  readonly deviceTableCache?: number;
  /** AMD: the last requester ID that the IVRS table puts behind the unit; default 0xffff. */
  readonly lastRequesterId?: number;
  /** AMD: IO-APICs and HPETs behind the unit (IVRS special devices), and under which requester ID they send. */
  readonly interruptSources?: readonly {
    readonly kind: 'io-apic' | 'hpet';
    /** IO-APIC ID or HPET number. */
    readonly id: number;
    readonly requesterId: number;
  }[];
  /**
   * What an SMMUv3 makes of a write to its stream table's registers while it is enabled, which the architecture leaves
   * open: nothing, or it counts at once. Default `ignored`.
   */
  readonly writeWhileEnabled?: 'ignored' | 'taken';
}

/** Whose memory an address range is. Regions of a machine do not overlap. */
export interface MachineRegion {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly owner: MemoryOwner;
  readonly label: string;
}

/** Something that the capture did not say. */
export interface Inference {
  /** JSON pointer into the machine, e.g. `/functions/3/barSizes/0`. */
  readonly path: string;
  readonly value: string;
  readonly reason: string;
}

/** Input that an importer met and could not use: nothing is dropped silently. */
export interface ImportNote {
  readonly file: string;
  readonly line?: number;
  readonly offset?: number;
  readonly message: string;
}

/** What the first kernel was doing when it crashed. */
export interface Workload {
  /** Interrupts stay enabled at the devices when the kernel dies; false masks them before. */
  readonly interrupts: boolean;
  /** Scale of every engine's rate. */
  readonly intensity: number;
  /**
   * It runs for a time drawn between these two, milliseconds; default 20 to 120. A machine whose devices seldom do
   * anything needs longer ones, for the crash to fall anywhere between two of their doings.
   */
  readonly runMs?: { readonly shortest: number; readonly longest: number };
  /**
   * What it died of: an order to crash (`sysrq`, the default), which spoils nothing; or a device that was freed while it
   * was still in the kernel's list of PCI devices, on which whoever walks that list afterwards dies again.
   */
  readonly crash?: 'sysrq' | 'device-list-corrupted';
}

/** A machine is data. */
export interface Machine {
  readonly schema: 'quiesce/machine/1';
  readonly name: string;
  readonly description: string;
  readonly functions: readonly MachineFunction[];
  readonly rootComplexes: readonly RootComplexDescription[];
  readonly units: readonly MachineUnit[];
  /** The ACPI DMAR table, hexadecimal; undefined on a machine without remapping. */
  readonly dmar?: string;
  readonly memoryMap: readonly MachineRegion[];
  readonly platform: PlatformDescription;
  /** Name of the function that the dump is written to; undefined if none can be said. */
  readonly dumpTarget?: string;
  readonly workload: Workload;
  /**
   * On how many processors the first kernel runs, with APIC IDs from 0; default 1. Its devices' interrupts are spread
   * over them; the second kernel has the one that crashed.
   */
  readonly processors?: number;
  /** First kernel runs its units in scalable mode where they can. */
  readonly scalable: boolean;
  readonly inferred: readonly Inference[];
  readonly notes: readonly ImportNote[];
}
