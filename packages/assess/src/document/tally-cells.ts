import type { TableCell } from '@quiesce/report';
import type { Tally } from '../simulation/tally.ts';

/** `12/16`, and how many of them are true; red if any is lost. */
export function dumpsCell({ dumps, trueDumps, ended }: Tally): TableCell {
  if (ended === 0) return { text: 'none ended', severity: 'critical' };
  const text = `${dumps.times}/${dumps.of}, true ${trueDumps.times}`;
  if (dumps.times < dumps.of) return { text, severity: 'critical' };
  return { text, severity: trueDumps.times < trueDumps.of ? 'warning' : 'good' };
}

/** `0`, `3`, `1200 (up to 9000)`. */
export function faultsCell({ dmaFaults, interruptFaults }: Tally): TableCell {
  const median = Math.round(dmaFaults.median + interruptFaults.median);
  const most = dmaFaults.most + interruptFaults.most;
  const text = most === median ? `${median}` : `${median} (up to ${most})`;
  return median >= 100 ? { text, severity: 'warning' } : text;
}

/** Runs out of all, red if there are any. */
export function countCell(count: number, of: number): TableCell {
  return count === 0 ? '-' : { text: `${count}/${of}`, severity: 'warning' };
}

/** Seconds with one digit. */
export function secondsCell(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
