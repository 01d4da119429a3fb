import type { LabPhase } from '../account/account.ts';
import type { HardwareSight } from '../observe/hardware-sight.ts';
import type { PhaseTimeline } from '../observe/phase-timeline.ts';
import type { HookFailure, HookReport } from '../strategy/hook-report.ts';

/** What the lab wrote down of one crash. */
export interface CrashRecord {
  readonly timeline: PhaseTimeline;
  /** What stood in the hardware when a phase began. */
  readonly sights: ReadonlyMap<LabPhase, HardwareSight>;
  readonly hooks: readonly HookReport[];
  readonly failure: HookFailure | null;
  /** Why the second kernel did not come to its end; null if it did. */
  readonly stopped: string | null;
  /** Vectors in service in the local APIC of a kernel that has stopped; undefined if it went on. */
  readonly inService?: readonly number[];
  /** Console line from which on it is the second kernel's. */
  readonly consoleFrom: number;
}
