import type { Address } from '@quiesce/simulation';

/** Bytes of the ACPI header with the DMAR's own fields; structures begin here (VT-d 8.1). */
export const DMAR_HEADER_BYTES = 48;
/** Larger tables are refused; the largest seen in the wild has 1.5 KiB. */
export const DMAR_LIMIT_BYTES = 0x10_0000;

/** Bits of {@link Dmar.flags}. */
export const DMAR_INTERRUPT_REMAPPING = 0x1;
/** Firmware asks the system not to use x2APIC. */
export const DMAR_X2APIC_OPT_OUT = 0x2;
/** The platform asks for protection before the operating system runs (DMA_CTRL_PLATFORM_OPT_IN). */
export const DMAR_PLATFORM_OPT_IN = 0x4;

/** Bit of {@link Drhd.flags}: every function of the segment that no other unit has. */
export const DRHD_INCLUDE_ALL = 0x1;
/** Bit of {@link Atsr.flags}: every root port of the segment. */
export const ATSR_ALL_PORTS = 0x1;
/** Bit of {@link Satc.flags}: these devices need ATS to work as specified. */
export const SATC_ATC_REQUIRED = 0x1;

/** Device scope types (VT-d 8.3.1). */
export const SCOPE_ENDPOINT = 1;
/** A bridge, with all that is below it. */
export const SCOPE_BRIDGE = 2;
/** An IO-APIC, by its APIC ID. */
export const SCOPE_IO_APIC = 3;
/** A timer block that can send messages. */
export const SCOPE_HPET = 4;
/** A device known by name only; an ANDD structure has the name. */
export const SCOPE_ACPI_DEVICE = 5;

/** A function named by a way through bridges, because bus numbers below them can change. */
export interface DeviceScope {
  /** 1 endpoint, 2 bridge and all below it, 3 IO-APIC, 4 HPET, 5 ACPI device. */
  readonly type: number;
  /** IO-APIC ID, HPET number or ACPI device number; 0 for PCI. */
  readonly enumerationId: number;
  readonly startBus: number;
  /** One step per bridge, the function itself last. */
  readonly path: readonly DevicePathStep[];
  /** Bytes 2 and 3; 0 unless a later specification uses them. */
  readonly reserved?: number;
  /** Byte offset in the table it was read from. */
  readonly offset?: number;
}

/** A device and function on the bus that the way has reached. */
export interface DevicePathStep {
  /** 0 .. 31; captured tables may have anything of 8 bits. */
  readonly device: number;
  /** 0 .. 7; likewise. */
  readonly fn: number;
}

interface Structure {
  /** Byte offset in the table it was read from. */
  readonly offset?: number;
  /** Bytes behind the last field or scope; usually none. */
  readonly tail?: Uint8Array;
}

/** A remapping unit (VT-d 8.3). */
export interface Drhd extends Structure {
  readonly type: 'DRHD';
  readonly flags: number;
  /** Byte 5; bits 3:0: the registers take 2^n pages. */
  readonly size?: number;
  readonly segment: number;
  readonly registerBase: Address;
  readonly scopes: readonly DeviceScope[];
}

/** Memory that firmware's devices go on using (VT-d 8.4). */
export interface Rmrr extends Structure {
  readonly type: 'RMRR';
  readonly reserved?: number;
  readonly segment: number;
  readonly base: Address;
  /** Last byte, included. */
  readonly limit: Address;
  readonly scopes: readonly DeviceScope[];
}

/** Root ports that carry ATS (VT-d 8.5). */
export interface Atsr extends Structure {
  readonly type: 'ATSR';
  readonly flags: number;
  readonly reserved?: number;
  readonly segment: number;
  readonly scopes: readonly DeviceScope[];
}

/** Which NUMA node a unit is near to (VT-d 8.6). */
export interface Rhsa extends Structure {
  readonly type: 'RHSA';
  readonly reserved?: number;
  readonly registerBase: Address;
  readonly proximityDomain: number;
}

/** Name of a device that masters DMA but is not on PCI (VT-d 8.7). */
export interface Andd extends Structure {
  readonly type: 'ANDD';
  /** Bytes 4 to 6, as one number. */
  readonly reserved?: number;
  readonly deviceNumber: number;
  /** Its path in the ACPI name space. */
  readonly name: string;
}

/** Integrated devices with their own translation cache (VT-d 8.8). */
export interface Satc extends Structure {
  readonly type: 'SATC';
  readonly flags: number;
  readonly reserved?: number;
  readonly segment: number;
  readonly scopes: readonly DeviceScope[];
}

/** Integrated devices with properties (VT-d 8.9). */
export interface Sidp extends Structure {
  readonly type: 'SIDP';
  readonly reserved?: number;
  readonly segment: number;
  readonly scopes: readonly DeviceScope[];
}

/** A structure of a type that is not known here, or whose fields cannot be right: kept as it is. */
export interface UnknownStructure {
  readonly type: 'unknown';
  readonly code: number;
  /** All that follows type and length. */
  readonly body: Uint8Array;
  readonly offset?: number;
}

/** Any structure of the table. */
export type DmarStructure = Drhd | Rmrr | Atsr | Rhsa | Andd | Satc | Sidp | UnknownStructure;

/** Something in a table that is not as specified, but could be read. */
export interface DmarNote {
  readonly code:
    | 'CHECKSUM'
    | 'TRAILING_BYTES'
    | 'UNKNOWN_TYPE'
    | 'ADDRESS'
    | 'SCOPE_TYPE'
    | 'SCOPE_PATH'
    | 'RMRR_RANGE'
    | 'RMRR_OVERLAP'
    | 'INCLUDE_ALL_ORDER'
    | 'SAME_SCOPE'
    | 'LENGTH'
    | 'SCOPE_LENGTH'
    | 'UNIT_OVERLAP'
    | 'REGISTER_BASE';
  readonly message: string;
  /** Byte offset in the table. */
  readonly offset: number;
}

/** The ACPI DMA Remapping table. */
export interface Dmar {
  readonly revision: number;
  /** As captured; left out, {@link buildDmar} computes it. */
  readonly checksum?: number;
  /** 6 characters. */
  readonly oemId: string;
  /** 8 characters. */
  readonly oemTableId: string;
  readonly oemRevision: number;
  /** 4 characters. */
  readonly creatorId: string;
  readonly creatorRevision: number;
  /** Bits of a DMA address minus 1, as the byte stands in the table. */
  readonly hostAddressWidth: number;
  readonly flags: number;
  /** Bytes 38 to 47; left out: zero. */
  readonly reserved?: Uint8Array;
  readonly structures: readonly DmarStructure[];
  /** Of a damaged table: the length that its header says, if it is not that of what follows. */
  readonly statedLength?: number;
  /** Of a damaged table: bytes within it from the first on that no structure can be made of. */
  readonly remainder?: Uint8Array;
  /** Bytes behind the end that the header names, up to {@link DMAR_LIMIT_BYTES}. */
  readonly trailing?: Uint8Array;
  readonly notes: readonly DmarNote[];
}

/** The unit has every function of its segment that no other unit has. */
export function includesAll(drhd: Drhd): boolean {
  return (drhd.flags & DRHD_INCLUDE_ALL) !== 0;
}

/** The units of a table, in its order. */
export function remappingUnits(dmar: Dmar): Drhd[] {
  return dmar.structures.filter((structure) => structure.type === 'DRHD');
}
