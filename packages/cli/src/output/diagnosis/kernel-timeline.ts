import type { BootPhase, Diagnosis, FaultGroup, LogEvent, LoggedKernel } from '@quiesce/diagnose';
import type { ReportBlock, Severity, TimelineLane } from '@quiesce/report';
import { phaseWords, senderWords } from './fault-words.ts';

const MOST_MARKS = 24;

/** Kinds of events that belong on a time line, and how bad they are. */
const shown: Partial<Readonly<Record<LogEvent['kind'], readonly [string, Severity]>>> = {
  'tables-copied': ['DMA tables copied', 'good'],
  'tables-copy-failed': ['DMA tables not copied', 'critical'],
  'interrupt-table-copied': ['interrupt table copied', 'good'],
  'interrupt-table-copy-failed': ['interrupt table not copied', 'critical'],
  'enabled-but-not-kdump': ['remapping was on, not kdump', 'warning'],
  'system-error': ['system error', 'critical'],
  isolated: ['function cut off', 'critical'],
  panic: ['panic', 'critical'],
  'timer-check-failed': ['timer check failed', 'critical'],
  'driver-failure': ['driver failure', 'warning'],
  hang: ['hang', 'critical'],
  'out-of-memory': ['out of memory', 'critical'],
  'dump-saved': ['dump saved', 'good'],
  'dump-failed': ['dump failed', 'critical'],
  'hardware-malfunction': ['unit malfunctions', 'critical'],
  'hot-unplug': ['function removed', 'note'],
};

/** Phases, faults and events of a kernel on its own clock; nothing where its lines have no times. */
export function kernelTimeline(diagnosis: Diagnosis, kernel: LoggedKernel): ReportBlock[] {
  const groups = diagnosis.faults.groups.filter(
    (group) => group.kernel === kernel.index && group.firstSeconds !== undefined,
  );
  const events = diagnosis.events.filter(
    (event) =>
      event.kernel === kernel.index && event.seconds !== undefined && shown[event.kind] !== undefined,
  );
  if (groups.length === 0 && (kernel.role !== 'crash' || events.length === 0)) return [];
  const last = Math.max(
    ...groups.map((group) => group.lastSeconds ?? 0),
    ...events.map((event) => event.seconds ?? 0),
    ...kernel.phases.map((phase) => phase.seconds ?? 0),
  );
  const lanes: TimelineLane[] = [
    { name: `kernel ${kernel.index + 1}`, spans: phaseSpans(kernel, last), marks: [] },
    { name: 'faults', spans: [], marks: faultMarks(groups) },
    { name: 'events', spans: [], marks: eventMarks(events) },
  ].filter((lane) => lane.spans.length + lane.marks.length > 0);
  const title = `Kernel ${kernel.index + 1}, by its own clock:`;
  return [
    { kind: 'text', text: title },
    { kind: 'timeline', lanes },
  ];
}

function phaseSpans(kernel: LoggedKernel, lastSeconds: number): TimelineLane['spans'] {
  const timed: { phase: BootPhase; seconds: number }[] = [];
  for (const { phase, seconds } of kernel.phases) {
    // A kernel's first line stands at its time 0, whether it says so or not.
    const at = seconds ?? (phase === 'early-boot' ? 0 : undefined);
    if (at !== undefined) timed.push({ phase, seconds: at });
  }
  return timed.map(({ phase, seconds }, index) => ({
    startMs: seconds * 1000,
    endMs: Math.max(seconds, timed[index + 1]?.seconds ?? lastSeconds) * 1000,
    label: phaseWords(phase),
  }));
}

function faultMarks(groups: readonly FaultGroup[]): TimelineLane['marks'] {
  return groups.slice(0, MOST_MARKS).map((group) => ({
    atMs: (group.firstSeconds ?? 0) * 1000,
    label: `${senderWords(group.example)} faults`,
    severity: 'critical',
    count: group.count,
  }));
}

/** Events of one kind in a row are one mark with a count. */
function eventMarks(events: readonly LogEvent[]): TimelineLane['marks'] {
  const marks: { atMs: number; label: string; severity: Severity; count: number }[] = [];
  for (const event of events) {
    const [label, severity] = shown[event.kind] ?? ['', 'note' as const];
    const previous = marks.at(-1);
    if (previous?.label === label) previous.count++;
    else if (marks.length < MOST_MARKS)
      marks.push({ atMs: (event.seconds ?? 0) * 1000, label, severity, count: 1 });
  }
  return marks;
}
