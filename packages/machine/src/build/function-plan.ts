import type { EndpointDescription } from '@quiesce/pcie-model';
import type { MachineDriver } from '../description/machine.ts';
import type { CapabilityPlan } from './capability-plan.ts';

/** A base address register to be allocated, or placed where `address` says. */
export interface BarPlan {
  readonly kind: 'memory' | 'memory64' | 'io';
  /** Bytes, a power of two: 16 or more for memory, 4 or more for I/O. */
  readonly size: number;
  readonly address?: number | undefined;
  readonly prefetchable?: boolean;
}

/** A window of a bridge; both ends belong to it. */
export interface WindowPlan {
  readonly base: number;
  readonly limit: number;
}

/** What makes a function a bridge. */
export interface BridgePlan {
  /** Functions on its secondary bus. */
  readonly below: readonly FunctionPlan[];
  /** Given in order where undefined. */
  readonly secondary?: number;
  readonly subordinate?: number;
  /** Spare bus numbers kept below it. */
  readonly spareBuses?: number;
  /** Computed from what is below where undefined; `null` is a closed window. */
  readonly io?: WindowPlan | null;
  readonly memory?: WindowPlan | null;
  readonly prefetchable?: WindowPlan | null;
  /** Bridge Control; default 0x0002, SERR# forwarded. */
  readonly control?: number;
}

/** One function, from which its config space is made. */
export interface FunctionPlan {
  readonly device: number;
  readonly fn?: number;
  /** Other functions of the device exist (Header Type bit 7). */
  readonly multifunction?: boolean;
  readonly vendorId: number;
  readonly deviceId: number;
  /** Base class, sub-class and programming interface, e.g. 0x020000. */
  readonly classCode: number;
  readonly revision?: number;
  readonly subsystem?: { readonly vendor: number; readonly id: number };
  /** Default 0x0107: I/O, memory, bus master, SERR#. */
  readonly command?: number;
  readonly cacheLineSize?: number;
  /** Interrupt pin: 0 none, 1 A .. 4 D. Default 1 for an endpoint. */
  readonly interruptPin?: number;
  readonly bars?: readonly (BarPlan | undefined)[];
  readonly capabilities?: readonly CapabilityPlan[];
  /** Bytes; by default 4,096 with a PCI Express capability, else 256. */
  readonly configSize?: 256 | 4096;
  /** Further bytes outside of header and capabilities, by offset. */
  readonly extraBytes?: Readonly<Record<number, number>>;
  /** 32-bit registers that stand as given, by offset, whatever header and capabilities would make of them. */
  readonly dwords?: Readonly<Record<number, number>>;
  /** Expansion ROM, disabled: bytes, a power of two of 2,048 or more, and its address; 0 if undefined. */
  readonly rom?: { readonly size: number; readonly address?: number | undefined };
  readonly endpoint?: EndpointDescription;
  readonly driver?: MachineDriver;
  readonly bridge?: BridgePlan;
  /** Name of the physical function, for a virtual one. */
  readonly physicalFunction?: string;
  readonly label?: string;
}
