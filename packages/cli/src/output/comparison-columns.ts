import type { Spread, StrategySummary } from '@quiesce/benchmark';
import { dumpVerdict, type Tone } from './dump-verdict.ts';
import { shortBytes, shortCount, shortTime } from './quantity.ts';

/** What stands in one cell. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** A column of a comparison. */
export interface Column {
  readonly title: string;
  /** What it counts, for the legend; undefined where the title says it. */
  readonly meaning?: string;
  /** Columns of low rank give way where there is no room. */
  readonly rank: number;
  readonly cell: (row: StrategySummary) => Cell;
}

/** Longer names are cut: the numbers matter more. */
const LONGEST_NAME = 28;

function shortName(name: string): string {
  const plain = name.replace(/\p{Cc}/gu, ' ');
  return plain.length > LONGEST_NAME ? `${plain.slice(0, LONGEST_NAME - 1)}…` : plain;
}

/** All columns, from left to right. */
export const comparisonColumns: readonly Column[] = [
  { title: 'strategy', rank: 99, cell: (row) => ({ text: shortName(row.strategy), tone: 'plain' }) },
  { title: 'dump', rank: 99, cell: dumpVerdict },
  {
    title: 'DMA faults',
    meaning: 'requests that a remapping unit refused',
    rank: 9,
    cell: ofEnded((row) => harm(row.dmaFaults, shortCount)),
  },
  {
    title: 'IRQ faults',
    meaning: 'interrupts that it refused',
    rank: 8,
    cell: ofEnded((row) => harm(row.interruptFaults, shortCount)),
  },
  {
    title: 'system errors',
    meaning: 'SERR, NMI and AER events',
    rank: 7,
    cell: ofEnded((row) => harm(row.systemErrors, shortCount)),
  },
  {
    title: 'raw DMA',
    meaning: 'requests that went out untranslated, past their buffers',
    rank: 4,
    cell: ofEnded((row) => harm(row.untranslated, shortCount)),
  },
  {
    title: 'bytes hit',
    meaning: "others' memory that leftover DMA overwrote",
    rank: 6,
    cell: ofEnded((row) => harm(row.corruptedBytes, shortBytes)),
  },
  { title: 'drivers up', meaning: 'in the worst run', rank: 5, cell: ofEnded(drivers) },
  { title: 'display', rank: 3, cell: ofEnded(display) },
  {
    title: 'strategy time',
    rank: 2,
    cell: ofEnded((row) => ({ text: shortTime(row.strategyMs), tone: 'plain' })),
  },
  {
    title: 'extra memory',
    rank: 1,
    cell: ofEnded((row) => ({ text: shortBytes(row.extraBytes), tone: 'plain' })),
  },
  {
    title: 'time to dump',
    rank: 3.5,
    cell: ofEnded((row) => ({ text: shortTime(row.panicToDumpMs), tone: 'plain' })),
  },
];

/** There is nothing to say of a strategy without one run that has an outcome. */
function ofEnded(cell: Column['cell']): Column['cell'] {
  return (row) => (row.ended === 0 ? { text: '–', tone: 'plain' } : cell(row));
}

/** A median of what should be zero; `≤` its maximum where most runs have none. */
function harm(spread: Spread, short: (value: number) => string): Cell {
  if (spread.most === 0) return { text: '0', tone: 'plain' };
  if (spread.median === 0) return { text: `≤${short(spread.most)}`, tone: 'mixed' };
  return { text: short(spread.median), tone: 'bad' };
}

function drivers({ devicesWorking }: StrategySummary): Cell {
  const { least, of } = devicesWorking;
  return { text: `${least}/${of}`, tone: least === of ? 'good' : 'bad' };
}

function display(row: StrategySummary): Cell {
  if (!row.hasDisplay) return { text: 'none', tone: 'plain' };
  return row.displayLost > 0 ? { text: 'lost', tone: 'bad' } : { text: 'kept', tone: 'good' };
}
