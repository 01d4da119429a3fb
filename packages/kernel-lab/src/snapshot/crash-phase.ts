import type { HardwareSight } from '../observe/hardware-sight.ts';

/** What happened between machine_kexec and setup_arch, as data, for runs that begin after it. */
export interface CrashPhase {
  /** Requester ID, reason, how often. */
  readonly faults: readonly (readonly [requesterId: number, reason: number, count: number])[];
  readonly commands: readonly (readonly [name: string, command: number])[];
  readonly units: HardwareSight['units'];
  /** The first kernel's reports that later steps read, by name. */
  readonly lspci: string;
}
