import { UserError } from '@quiesce/simulation';
import { parseDmar, remappingUnits } from '@quiesce/vtd-iommu';
import { hexToBytes } from '../build/config-bytes.ts';
import type { PlacedConfig } from './captured-topology.ts';
import { checkTopology } from './check-topology.ts';
import { parseFunctionName } from './function-name.ts';
import type { Machine } from './machine.ts';

/** What the second kernel needs at least. */
const LENT_BYTES = 32 * 2 ** 20;

/**
 * What a schema cannot say of a machine.
 * @throws UserError `MACHINE_DUPLICATE`, `MACHINE_BUS_LOOP`, `MACHINE_BUS`, `MACHINE_FUNCTION` (a name that no function
 * has), `MACHINE_BAR`, `MACHINE_REGION`, `MACHINE_UNIT`, `MACHINE_ROOT_COMPLEX`,
 * `MACHINE_WORKLOAD`, and those of parseDmar
 */
export function checkMachine(machine: Machine, file: string): void {
  checkTopology(placedConfigs(machine), file);
  checkNames(machine, file);
  checkBars(machine, file);
  checkRegions(machine, file);
  checkLentMemory(machine, file);
  checkRootComplexes(machine, file);
  checkUnits(machine, file);
}

/** The functions of a machine that has passed the schema. */
function placedConfigs(machine: Machine): PlacedConfig[] {
  return machine.functions.map((one) => {
    const place = parseFunctionName(one.name);
    const bytes = hexToBytes(one.config);
    if (place === undefined || bytes === undefined)
      throw new UserError('MACHINE_FUNCTION', `${one.name} is malformed`);
    return { ...place, bytes };
  });
}

function wrong(code: string, message: string, file: string, expected?: string): never {
  throw new UserError(code, message, { place: { file }, ...(expected === undefined ? {} : { expected }) });
}

function checkNames(machine: Machine, file: string): void {
  const functions = new Map(machine.functions.map((one) => [one.name, one]));
  for (const { name, physicalFunction } of machine.functions) {
    if (physicalFunction === undefined) continue;
    const physical = functions.get(physicalFunction);
    if (physical === undefined || physicalFunction === name || physical.physicalFunction !== undefined) {
      wrong(
        'MACHINE_FUNCTION',
        `${name} has ${physicalFunction} as its physical function, which is none`,
        file,
      );
    }
  }
  const { runMs } = machine.workload;
  if (runMs !== undefined && runMs.longest < runMs.shortest) {
    wrong('MACHINE_WORKLOAD', `the workload runs ${runMs.shortest} to ${runMs.longest} ms`, file);
  }
  const { dumpTarget } = machine;
  if (dumpTarget !== undefined && !functions.has(dumpTarget)) {
    wrong('MACHINE_FUNCTION', `the dump target ${dumpTarget} does not exist`, file, 'the name of a function');
  }
}

function checkBars(machine: Machine, file: string): void {
  for (const { name, barSizes } of machine.functions) {
    for (const [index, size] of barSizes.entries()) {
      if (size === 0 || (size >= 4 && Number.isInteger(Math.log2(size)))) continue;
      wrong(
        'MACHINE_BAR',
        `BAR ${index} of ${name} has ${size} bytes`,
        file,
        '0 or a power of two of 4 or more',
      );
    }
  }
}

function checkRegions(machine: Machine, file: string): void {
  const sorted = [...machine.memoryMap].sort((a, b) => a.start - b.start);
  let previous: (typeof sorted)[number] | undefined;
  for (const region of sorted) {
    const at = `region "${region.label}" at 0x${region.start.toString(16)}`;
    if (region.end <= region.start) wrong('MACHINE_REGION', `${at} ends before it starts`, file);
    if (previous !== undefined && region.start < previous.end) {
      wrong('MACHINE_REGION', `${at} overlaps "${previous.label}"`, file, 'regions without overlap');
    }
    previous = region;
  }
}

/** Memory is lent in one piece, which the second kernel can live in. */
function checkLentMemory(machine: Machine, file: string): void {
  const lent = machine.memoryMap.filter(({ owner }) => owner === 'cma');
  if (lent.length > 1) wrong('MACHINE_REGION', 'there are several regions of cma memory', file, 'one');
  const borrower = machine.functions.find(({ driver }) => driver.buffersIn === 'cma');
  if (lent.length === 0 && borrower !== undefined) {
    wrong('MACHINE_REGION', `buffers of ${borrower.name} stand in cma memory, of which there is none`, file);
  }
  for (const { start, end } of lent) {
    if (end - start >= LENT_BYTES && end <= 0x1_0000_0000) continue;
    wrong('MACHINE_REGION', `cma memory at 0x${start.toString(16)}`, file, '32 MiB or more, below 4 GiB');
  }
}

function checkRootComplexes(machine: Machine, file: string): void {
  const sorted = [...machine.rootComplexes].sort((a, b) => a.segment - b.segment || a.firstBus - b.firstBus);
  for (const [index, one] of sorted.entries()) {
    const at = `root complex at bus ${one.firstBus} of segment ${one.segment}`;
    if (one.lastBus < one.firstBus) wrong('MACHINE_ROOT_COMPLEX', `the ${at} ends before it starts`, file);
    const before = sorted[index - 1];
    if (before !== undefined && before.segment === one.segment && before.lastBus >= one.firstBus) {
      wrong('MACHINE_ROOT_COMPLEX', `the ${at} shares buses with another`, file);
    }
  }
}

function checkUnits(machine: Machine, file: string): void {
  const names = new Set<string>();
  const bases = new Set<string>();
  for (const { name, segment, registerBase } of machine.units) {
    const base = `${segment}:${registerBase}`;
    if (names.has(name) || bases.has(base)) wrong('MACHINE_UNIT', `unit ${name} stands here twice`, file);
    names.add(name);
    bases.add(base);
  }
  if (machine.dmar === undefined) return;
  const dmar = parseDmar(hexToBytes(machine.dmar) ?? new Uint8Array(), { file: `${file}, DMAR` });
  for (const { segment, registerBase } of remappingUnits(dmar)) {
    if (bases.has(`${segment}:${registerBase}`)) continue;
    const at = `0x${registerBase.toString(16)}`;
    wrong('MACHINE_UNIT', `the DMAR table has a unit at ${at}, the machine has not`, file);
  }
}
