import type { ImportedCapture } from '@quiesce/machine';
import { compareSeverity, type Severity } from '@quiesce/report';
import { UserError } from '@quiesce/simulation';
import { describeGain } from '../advice/describe-gain.ts';
import { type AssessOptions, assess } from '../assess.ts';
import { dumpTargetFact } from '../document/dump-path-section.ts';
import type { Assessment } from '../result/assessment.ts';

/** A machine of a fleet, opened when its turn comes. */
export interface FleetEntry {
  readonly name: string;
  open(): Promise<ImportedCapture>;
}

/** What an assessment comes to in one row. */
export interface FleetRow {
  readonly name: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly platform: string;
  readonly kernel: string;
  readonly profile: string;
  readonly functions: number;
  readonly masters: number;
  /** Where its dump goes, and through which function. */
  readonly dumpTarget: string;
  /** Masters that the model has no engine for. */
  readonly notSimulated: number;
  readonly crashes: number;
  readonly dumps: number;
  readonly trueDumps: number;
  readonly medianFaults: number;
  readonly medianChangedPages: number;
  /** Known defects of its kernel that matter on it. */
  readonly defects: readonly string[];
  /** Findings about the crash kernel's command line, worse than notes. */
  readonly commandLine: readonly string[];
  readonly advice: readonly {
    readonly title: string;
    /** The same without names of this machine. */
    readonly topic: string;
    readonly gain: string;
  }[];
}

/** A capture that could not be assessed. */
export interface FleetError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** Many machines, the one most at risk first. */
export interface FleetAssessment {
  readonly schema: 'quiesce/fleet/1';
  readonly machines: readonly FleetRow[];
  readonly errors: readonly FleetError[];
}

/** How a fleet is assessed. */
export interface FleetOptions extends Omit<AssessOptions, 'onProgress'> {
  /** Told before each machine. */
  readonly onMachine?: (name: string, done: number, total: number) => void;
}

/** Assesses one machine after the other. A capture that cannot be read costs its own row. */
export async function assessFleet(
  entries: readonly FleetEntry[],
  options: FleetOptions,
): Promise<FleetAssessment> {
  const machines: FleetRow[] = [];
  const errors: FleetError[] = [];
  for (const [index, { name, open }] of entries.entries()) {
    options.onMachine?.(name, index, entries.length);
    try {
      const imported = await open();
      if (imported.machine === undefined && imported.host.platform.value === 'unknown') {
        errors.push({ name, code: 'CAPTURE_EMPTY', message: 'no source in it names a PCI function' });
      } else machines.push(rowOf(name, await assess(imported, options)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push({ name, code: error.code, message: error.message });
    }
  }
  return { schema: 'quiesce/fleet/1', machines: machines.sort(byRisk), errors };
}

/** The worse first: by severity, then lost dumps, then dumps that are not true, then what is not simulated. */
function byRisk(a: FleetRow, b: FleetRow): number {
  const share = (row: FleetRow, saved: number): number => (row.crashes === 0 ? 0 : 1 - saved / row.crashes);
  return (
    compareSeverity(a.severity, b.severity) ||
    share(b, b.dumps) - share(a, a.dumps) ||
    share(b, b.trueDumps) - share(a, a.trueDumps) ||
    b.notSimulated - a.notSimulated ||
    (a.name < b.name ? -1 : 1)
  );
}

function rowOf(name: string, assessment: Assessment): FleetRow {
  const { now, kernel, functions, advice } = assessment;
  const tally = now?.tally;
  return {
    name,
    severity: assessment.severity,
    summary: assessment.summary,
    platform: assessment.platform.kind,
    kernel: kernel?.release ?? '',
    profile: kernel?.profile ?? '',
    functions: functions.length,
    dumpTarget: dumpTargetFact(assessment),
    masters: functions.filter(({ masters }) => masters).length,
    notSimulated: functions.filter(({ masters, simulated }) => masters && !simulated).length,
    crashes: tally?.ended ?? 0,
    dumps: tally?.dumps.times ?? 0,
    trueDumps: tally?.trueDumps.times ?? 0,
    medianFaults: tally === undefined ? 0 : tally.dmaFaults.median + tally.interruptFaults.median,
    medianChangedPages: tally?.changedPages.median ?? 0,
    defects: (kernel?.defects ?? [])
      .filter(({ applies, present }) => applies && present === true)
      .map(({ title }) => title),
    commandLine: assessment.commandLine.findings
      .filter(({ severity }) => severity === 'critical' || severity === 'warning')
      .map(({ title }) => title),
    advice: advice.slice(0, 3).map(({ title, topic = title, measured }) => ({
      title,
      topic,
      gain: measured === undefined ? 'follows from a rule' : describeGain(measured.gain),
    })),
  };
}
