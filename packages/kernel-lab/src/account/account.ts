import type { DeviceVerdict } from '@quiesce/boot-sequencer';

/**
 * Spans between two stops of the lab, in order. Each begins at the stop that it is named for: `crash` at machine_kexec,
 * `setup_arch`, `pci_arch_init` and `acpi_init` at these functions' entries, `iommu_init` at the entry of pci_iommu_init,
 * `initcalls` when that returns, `undriven` when /init begins, `drivers` when it loads modules, `dump` when it reads
 * /proc/vmcore.
 */
export const labPhases = [
  'crash',
  'setup_arch',
  'pci_arch_init',
  'acpi_init',
  'iommu_init',
  'initcalls',
  'undriven',
  'drivers',
  'dump',
] as const;

/** One of {@link labPhases}. */
export type LabPhase = (typeof labPhases)[number];

/** What one device did in one phase. */
export interface DevicePhase {
  /** Failed translations of its requests; QEMU counts one for every four bytes. */
  readonly faults: number;
  /** Fault reasons seen, ascending. */
  readonly reasons: readonly number[];
  /** Command register at the phase's begin; undefined where nobody looked; 0xffff if nothing answers. */
  readonly command?: number;
}

/** One function of the machine, over the whole run. */
export interface DeviceAccount {
  /** `0000:01:00.0` */
  readonly name: string;
  /** Phases that the run reached, or those that it can tell apart. */
  readonly phases: Readonly<Partial<Record<LabPhase, DevicePhase>>>;
  /** What the second kernel has of it. */
  readonly verdict: DeviceVerdict;
}

/** What stood in a remapping unit's registers, and in its tables for each device, when a phase began. */
export interface UnitPhase {
  readonly translation: boolean;
  readonly interruptRemapping: boolean;
  /** Root table pointer register, with its mode bits. */
  readonly rootTable: number;
  /** Interrupt table pointer register. */
  readonly interruptTable: number;
  /** By function name: context entry's page table pointer and domain; null if root or context entry is not present. */
  readonly contexts: Readonly<Record<string, { readonly table: number; readonly domainId: number } | null>>;
}

/** What is known of the dump. */
export interface DumpAccount {
  /** /proc/vmcore exists. */
  readonly exists: boolean;
  /** The pattern that was written into the first kernel's memory stands in it; undefined where none was looked for. */
  readonly intact?: boolean;
  /** Pages that differ between two readings; undefined where it was read once. */
  readonly changedPages?: number;
}

/** One crash as somebody saw it: the model, or the lab watching a kernel. Both write the same account. */
export interface RunAccount {
  readonly source: 'model' | 'kernel';
  readonly devices: readonly DeviceAccount[];
  /** By unit name and phase. */
  readonly units: Readonly<Record<string, Readonly<Partial<Record<LabPhase, UnitPhase>>>>>;
  readonly dump: DumpAccount;
  /** Why the second kernel did not come to its dump: the panic's line or the stop's cause; null if it did. */
  readonly stopped: string | null;
  /**
   * Vectors in service in the local APIC of the processor that crashed, at the end of a run that stopped; undefined where
   * nobody looked.
   */
  readonly inService?: readonly number[];
  /** The last phase that it reached. */
  readonly reached: LabPhase;
  /** The strategy's own failure, as in the model's outcome. */
  readonly strategyFailure: { readonly code: string; readonly message: string } | null;
  /** The second kernel's console. */
  readonly console: readonly string[];
}
