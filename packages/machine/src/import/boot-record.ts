import type { RemappingPlatform, Stated } from '../capture/host-facts.ts';
import type { ImportNote } from '../description/machine.ts';

/** Something that a line of a boot log says. */
export interface LoggedLine {
  /** Line of the file, from 1. */
  readonly line: number;
}

/** What a log says of a VT-d unit, from its lines `DRHD base` and `reg_base_addr`. */
export interface LoggedUnit extends LoggedLine {
  readonly registerBase: number;
  /** Bit 0: every function that no other unit has. Undefined if only the registers were printed. */
  readonly flags?: number;
  /** `dmar0` is 0; undefined if the registers were not printed. */
  readonly index?: number;
  /** Version register: major in bits 7:4, minor in bits 3:0. */
  readonly version?: number;
  /** 16 hexadecimal digits each. */
  readonly capability?: string;
  readonly extendedCapability?: string;
}

/** Memory that firmware reserved for devices, or another range with its last byte included. */
export interface LoggedRange extends LoggedLine {
  readonly base: number;
  /** Last byte, included. */
  readonly limit: number;
}

/** Memory that the kernel mapped for a function because firmware reserved it. */
export interface LoggedIdentityMap extends LoggedRange {
  /** `0000:00:1d.0` */
  readonly name: string;
}

/** An IO-APIC or HPET below a unit. */
export interface LoggedInterruptSource extends LoggedLine {
  readonly kind: 'io-apic' | 'hpet';
  readonly id: number;
  readonly registerBase: number;
}

/** An AMD unit: `AMD-Vi: Found IOMMU at 0000:00:00.2 cap 0x40`. */
export interface LoggedAmdUnit extends LoggedLine {
  /** `0000:00:00.2` */
  readonly name: string;
  /** Offset of its capability in configuration space. */
  readonly capabilityOffset?: number;
  /** Extended feature registers 1 and 2, 16 hexadecimal digits each, where the log has them as numbers. */
  readonly features?: string;
  readonly features2?: string;
  /** From `amd_iommu_dump`. */
  readonly registerBase?: number;
}

/** Extended Feature Registers 1 and 2 of an AMD IOMMU, 16 hexadecimal digits each (AMD IOMMU 3.08, 3.4.2.11). */
export interface AmdFeatures {
  readonly features: string;
  readonly features2?: string;
}

/** An ACPI table that is announced with its place. */
export interface LoggedTable extends LoggedLine {
  readonly signature: string;
  readonly address: number;
  readonly bytes: number;
}

/** A line of the memory map that firmware gave. */
export interface LoggedMemory extends LoggedRange {
  /** As printed: `usable`, `reserved`, `ACPI data`, … */
  readonly kind: string;
}

/** An ECAM window. */
export interface LoggedEcam extends LoggedLine {
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
  /** Address of bus 0, also where the window begins later. */
  readonly base: number;
}

/** A host bridge and what it forwards. */
export interface LoggedHostBridge extends LoggedLine {
  readonly segment: number;
  readonly firstBus: number;
  /** Undefined if the log does not say it. */
  readonly lastBus?: number;
  /** Memory, not I/O. */
  readonly windows: readonly LoggedRange[];
}

/** A BAR or a window of a bridge as it was read or assigned. */
export interface LoggedResource extends LoggedLine {
  readonly kind: 'io' | 'memory';
  readonly is64: boolean;
  readonly prefetchable: boolean;
  /** Undefined if only a size was printed. */
  readonly base?: number;
  readonly bytes: number;
}

/** A function as it was enumerated. */
export interface LoggedFunction extends LoggedLine {
  /** `0000:00:1f.2` */
  readonly name: string;
  readonly vendorId: number;
  readonly deviceId: number;
  /** 0 endpoint, 1 bridge, 2 CardBus bridge. */
  readonly headerType: number;
  /** Base class, sub-class, programming interface. */
  readonly classCode: number;
  /** The log has the programming interface, too: not so before Linux 3.3. */
  readonly programmingInterface: boolean;
  /** Device/Port Type of the PCI Express capability; `conventional` if it has none; undefined before Linux 6.9. */
  readonly expressType?: number | 'conventional';
  /** By index, 0 to 5. */
  readonly bars: readonly (LoggedResource | undefined)[];
  readonly rom?: LoggedResource;
  /** Command register when a driver enabled the device; bits other than 1:0 change after that. */
  readonly command?: { readonly value: number; readonly line: number };
  /** Of a bridge. */
  readonly buses?: { readonly secondary: number; readonly subordinate: number; readonly line: number };
  readonly windows: readonly LoggedResource[];
  /** `D0 D3hot D3cold`, if it has the power management capability. */
  readonly wakesFrom?: string;
  readonly virtualFunctions?: number;
  readonly bootDisplay: boolean;
}

/** A network interface that the driver of a function speaks of. */
export interface LoggedInterface {
  readonly function: Stated<string>;
  /** By the last line on its link. */
  readonly state?: Stated<'up' | 'down'>;
}

/** One kernel's boot. */
export interface LoggedBoot extends LoggedLine {
  readonly file: string;
  readonly kernelRelease?: Stated<string>;
  /** The version of kernel.org that its banner adds to the release. */
  readonly kernelVersion?: Stated<string>;
  readonly commandLine?: Stated<string>;
  /** `elfcorehdr=` on its command line, or it says that it is one. */
  readonly crashKernel: boolean;
  readonly platform?: Stated<RemappingPlatform>;
  /** Bits of a DMA address. */
  readonly hostAddressWidth?: number;
  readonly units: readonly LoggedUnit[];
  readonly reservedMemory: readonly LoggedRange[];
  /** Linux before 5.5 prints them, and so says for whom reserved memory is. */
  readonly identityMaps: readonly LoggedIdentityMap[];
  readonly rootPortAts: readonly { readonly flags: number; readonly line: number }[];
  readonly proximity: readonly {
    readonly registerBase: number;
    readonly domain: number;
    readonly line: number;
  }[];
  readonly integratedAts: readonly { readonly flags: number; readonly line: number }[];
  readonly acpiDevices: readonly {
    readonly number: number;
    readonly name: string;
    readonly line: number;
  }[];
  readonly interruptSources: readonly LoggedInterruptSource[];
  readonly amdUnits: readonly LoggedAmdUnit[];
  /** Extended feature registers that all units have, as Linux 6.12 prints them, once and without a unit's name. */
  readonly amdFeatures?: AmdFeatures & LoggedLine;
  readonly interruptRemapping?: Stated<'x2apic' | 'xapic' | 'off'>;
  /** Firmware asks not to use x2APIC (DMAR flags, bit 1). */
  readonly x2apicOptOut: boolean;
  /** Every line on remapping, as the kernel printed it; bounded. */
  readonly remappingLines: readonly Stated<string>[];
  readonly tables: readonly LoggedTable[];
  readonly e820: readonly LoggedMemory[];
  readonly ecam: readonly LoggedEcam[];
  readonly hostBridges: readonly LoggedHostBridge[];
  readonly functions: readonly LoggedFunction[];
  /** By the function's name. */
  readonly drivers: ReadonlyMap<string, Stated<string>>;
  /** Functions of NVMe controllers by the names that the kernel gave them, `nvme0`. */
  readonly nvmeControllers: ReadonlyMap<string, Stated<string>>;
  readonly networkInterfaces: ReadonlyMap<string, LoggedInterface>;
  readonly iommuGroups: ReadonlyMap<string, Stated<number>>;
  readonly crashReservations: readonly LoggedRange[];
  /** Processors that were brought up. */
  readonly processors?: Stated<number>;
}

/** What {@link parseBootLog} read. */
export interface BootLog {
  readonly file: string;
  /** In the order of the file; of a log that begins late, the first has no release. */
  readonly boots: readonly LoggedBoot[];
  readonly notes: readonly ImportNote[];
}
