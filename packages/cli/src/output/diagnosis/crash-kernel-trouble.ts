import type { Diagnosis, LogEvent } from '@quiesce/diagnose';

/** Events that put a dump at risk. */
const grave: readonly LogEvent['kind'][] = [
  'tables-copy-failed',
  'interrupt-table-copy-failed',
  'hardware-malfunction',
  'system-error',
  'panic',
  'timer-check-failed',
  'hang',
  'out-of-memory',
  'dump-failed',
];

/** A crash kernel that suffers puts the dump at risk; a fault in a kernel that runs normally does not. */
export function isCrashKernelInTrouble({ faults, events, kernels }: Diagnosis): boolean {
  const troubled = [...faults.groups, ...events.filter((event) => grave.includes(event.kind))];
  return troubled.some((one) => kernels[one.kernel]?.role === 'crash');
}
