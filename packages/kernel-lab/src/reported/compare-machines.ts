import { hexToBytes, type Machine, type MachineFunction } from '@quiesce/machine';
import { parseDmar } from '@quiesce/vtd-iommu';
import { compareConfig } from './compare-config.ts';
import { compareMemory } from './compare-memory.ts';
import type { Difference } from './difference.ts';

const INFERRED = 'the report does not say it';

/**
 * In what a machine differs from the one that its guest reports: functions, every register of their config spaces, BARs,
 * bus numbers, windows, root complexes, units, the DMAR table's structures, memory. Differences that have a known reason
 * come with it; {@link disagreements} are the others. Nothing is left out but what nobody can read: engines, drivers,
 * workload.
 */
export function compareMachines(expected: Machine, reported: Machine): Difference[] {
  const hasMemory = !reported.inferred.some(({ path }) => path === '/memoryMap');
  return [
    ...compareFunctions(expected, reported),
    ...equal('root complexes', rootComplexes(expected), rootComplexes(reported)),
    ...compareUnits(expected, reported),
    ...equal('DMAR', dmarStructures(expected), dmarStructures(reported)),
    ...(hasMemory ? compareMemory(expected.memoryMap, reported.memoryMap) : []),
  ];
}

function compareFunctions(expected: Machine, reported: Machine): Difference[] {
  const theirs = new Map(reported.functions.map((one, index) => [one.name, { one, index }]));
  const found: Difference[] = [];
  for (const ours of expected.functions) {
    const there = theirs.get(ours.name);
    theirs.delete(ours.name);
    if (there === undefined) found.push({ at: ours.name, expected: idOf(ours), reported: 'no function' });
    else if (idOf(ours) !== idOf(there.one)) {
      found.push({ at: ours.name, expected: idOf(ours), reported: idOf(there.one) });
    } else {
      found.push(
        ...compareConfig(ours, there.one),
        ...compareBarSizes(ours, there.one, there.index, reported),
      );
    }
  }
  for (const [name, { one }] of theirs)
    found.push({ at: name, expected: 'no function', reported: idOf(one) });
  return found;
}

/** `8086:10d3`; the first four bytes of config space, little endian. */
function idOf({ config }: MachineFunction): string {
  return `${config.slice(2, 4)}${config.slice(0, 2)}:${config.slice(6, 8)}${config.slice(4, 6)}`;
}

function compareBarSizes(
  ours: MachineFunction,
  theirs: MachineFunction,
  index: number,
  reported: Machine,
): Difference[] {
  return ours.barSizes.flatMap((size, bar) => {
    const other = theirs.barSizes[bar] ?? 0;
    if (size === other) return [];
    const guessed = reported.inferred.some(({ path }) => path === `/functions/${index}/barSizes/${bar}`);
    const difference = { at: `${ours.name} BAR ${bar} size`, expected: `${size}`, reported: `${other}` };
    return [guessed || other === 0 ? { ...difference, reason: INFERRED } : difference];
  });
}

/** First buses and ECAM windows; where a root complex ends, no config space says. */
function rootComplexes({ rootComplexes }: Machine): string {
  return rootComplexes
    .map(({ segment, firstBus, ecamBase }) => `${segment}:${firstBus.toString(16)} ECAM ${hexOr(ecamBase)}`)
    .join(', ');
}

function compareUnits(expected: Machine, reported: Machine): Difference[] {
  const found = equal('number of units', `${expected.units.length}`, `${reported.units.length}`);
  for (const [index, ours] of expected.units.entries()) {
    const theirs = reported.units[index];
    if (theirs === undefined) break;
    const guessed = reported.inferred.some(({ path }) => path.startsWith(`/units/${index}/`));
    const at = (what: string): string => `${ours.name} ${what}`;
    found.push(
      ...equal(at('registers'), hexOr(ours.registerBase), hexOr(theirs.registerBase)),
      ...[
        ...equal(at('version'), hexOr(ours.version), hexOr(theirs.version)),
        ...equal(at('capability'), ours.capability, theirs.capability),
        ...equal(at('extended capability'), ours.extendedCapability, theirs.extendedCapability),
      ].map((one) => (guessed ? { ...one, reason: INFERRED } : one)),
    );
  }
  return found;
}

/** Everything behind the table's header, which names its maker. */
function dmarStructures({ dmar }: Machine): string {
  const bytes = dmar === undefined ? undefined : hexToBytes(dmar);
  if (bytes === undefined) return 'none';
  const { hostAddressWidth, flags, structures } = parseDmar(bytes, { file: 'DMAR' });
  return JSON.stringify({ hostAddressWidth, flags, structures });
}

function equal(at: string, expected: string, reported: string): Difference[] {
  return expected === reported ? [] : [{ at, expected, reported }];
}

function hexOr(value: number | undefined): string {
  return value === undefined ? 'none' : `0x${value.toString(16)}`;
}
