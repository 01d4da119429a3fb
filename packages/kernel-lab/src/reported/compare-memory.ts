import type { MachineRegion } from '@quiesce/machine';
import { LAB_MEMORY } from '../lab/command-lines.ts';
import type { Difference } from './difference.ts';

const TABLES = 'firmware keeps its tables at the end of memory; how much they take depends on the devices';
const FIRST_PAGE = 'kernels keep the first page, and what firmware left below 1 MiB, for themselves';
const LAB = 'the lab has the first kernel leave this memory alone';
const KERNEL_PLACES = 'each kernel chooses where it reserves memory for the second one';

const TABLES_ROOM = 0x10_0000;
const ONE_MIB = 0x10_0000;

type Kind = 'RAM' | 'firmware' | 'devices' | 'nothing';

/** Where memory and registers stand; what of the RAM is the kernel's own is each kernel's affair. */
export function compareMemory(
  expected: readonly MachineRegion[],
  reported: readonly MachineRegion[],
): Difference[] {
  const found: Difference[] = [];
  const cuts = [...new Set([...expected, ...reported].flatMap(({ start, end }) => [start, end]))].sort(
    (a, b) => a - b,
  );
  const ramEnd = Math.max(0, ...expected.filter((one) => isMemory(kindOf(one))).map((one) => one.end));
  for (const [index, start] of cuts.entries()) {
    const end = cuts[index + 1];
    if (end === undefined) break;
    const [ours, theirs] = [kindAt(expected, start), kindAt(reported, start)];
    // What is no memory answers as devices or not at all: lists of registers are never complete.
    if (ours === theirs || (!isMemory(ours) && !isMemory(theirs))) continue;
    const reason = reasonFor(start, end, ramEnd, isMemory(ours) && isMemory(theirs));
    const at = `memory 0x${start.toString(16)}..0x${(end - 1).toString(16)}`;
    found.push({ at, expected: ours, reported: theirs, ...(reason === undefined ? {} : { reason }) });
  }
  const [ours, theirs] = [crashKernel(expected), crashKernel(reported)];
  if (ours !== theirs) {
    found.push({ at: 'crash kernel', expected: ours, reported: theirs, reason: KERNEL_PLACES });
  }
  return found;
}

function reasonFor(start: number, end: number, ramEnd: number, both: boolean): string | undefined {
  if (start >= LAB_MEMORY.start && end <= LAB_MEMORY.end) return LAB;
  if (end <= ONE_MIB) return FIRST_PAGE;
  return both && start >= ramEnd - TABLES_ROOM && end <= ramEnd ? TABLES : undefined;
}

function crashKernel(regions: readonly MachineRegion[]): string {
  const one = regions.find(({ owner }) => owner === 'crash-kernel');
  return one === undefined ? 'none' : `0x${one.start.toString(16)}..0x${(one.end - 1).toString(16)}`;
}

function kindAt(regions: readonly MachineRegion[], address: number): Kind {
  const one = regions.find(({ start, end }) => start <= address && address < end);
  return one === undefined ? 'nothing' : kindOf(one);
}

function kindOf({ owner }: MachineRegion): Kind {
  if (owner === 'mmio' || owner === 'interrupt-window') return 'devices';
  return owner === 'firmware' ? 'firmware' : 'RAM';
}

function isMemory(kind: Kind): boolean {
  return kind === 'RAM' || kind === 'firmware';
}
