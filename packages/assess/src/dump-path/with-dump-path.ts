import type { ImportedCapture, Machine } from '@quiesce/machine';
import { MachineView } from '../functions/machine-view.ts';
import { type DumpPath, resolveDumpPath } from './resolve-dump-path.ts';

/** A capture whose machine writes its dump where kdump's configuration says. */
export interface CaptureWithDumpPath {
  readonly imported: ImportedCapture;
  /** Null where no source has functions, or says anything of a dump. */
  readonly dumpPath: DumpPath | null;
  /** What was assumed, in sentences. */
  readonly assumed: readonly string[];
}

/**
 * Makes the function that the dump goes through the machine's dump target, in place of the first disk controller, which an
 * import takes for it. Of several the first one is taken.
 */
export function withDumpPath(imported: ImportedCapture): CaptureWithDumpPath {
  const { machine, host } = imported;
  if (machine === undefined) return { imported, dumpPath: null, assumed: [] };
  const resolved = resolveDumpPath(machine, host);
  if (resolved.steps.length + resolved.assumed.length === 0) return unsaid(imported, machine);
  const present = resolved.functions.filter((name) => machine.functions.some((one) => one.name === name));
  const absent = resolved.functions.filter((name) => !present.includes(name));
  const target = present[0];
  const notes = [
    ...resolved.assumed,
    ...absent.map((name) => `${name} is not among the functions of the capture`),
  ];
  if (present.length > 1) {
    notes.push(
      `the dump goes through ${present.length} functions: ${target}, the first, is simulated as its target`,
    );
  }
  if (target !== undefined) {
    return told(
      { ...imported, machine: retargeted(machine, target) },
      { ...resolved, functions: present },
      notes,
    );
  }
  const card = resolved.over === 'network' ? networkCard(machine) : undefined;
  if (card !== undefined) {
    notes.push(`${card} is taken for the network card that the dump goes through`);
    const dumpPath: DumpPath = { ...resolved, certainty: 'assumed', functions: [card] };
    return told({ ...imported, machine: retargeted(machine, card) }, dumpPath, notes);
  }
  if (resolved.over === 'network')
    notes.push('the dump goes over the network, and no network card with a driver is known');
  return told(imported, { ...resolved, certainty: 'unknown', functions: [] }, notes);
}

function told(imported: ImportedCapture, dumpPath: DumpPath, notes: readonly string[]): CaptureWithDumpPath {
  return {
    imported,
    dumpPath: { ...dumpPath, assumed: notes },
    assumed: notes.map((one) => `Dump target: ${one}.`),
  };
}

/** No source says where the dump goes: an import takes the first disk controller; a machine by itself names its target. */
function unsaid(imported: ImportedCapture, machine: Machine): CaptureWithDumpPath {
  const taken = machine.inferred.find(({ path }) => path === '/dumpTarget');
  if (taken === undefined) return { imported, dumpPath: null, assumed: [] };
  const note = `Dump target: no source says where the dump goes, ${taken.value} is taken: ${taken.reason}.`;
  return { imported, dumpPath: null, assumed: [note] };
}

/** Of network cards that have a driver, the first that masters the bus, as one that is up does. */
function networkCard(machine: Machine): string | undefined {
  const cards = new MachineView(machine).functions.filter(
    ({ described, config }) => config.classCode >>> 16 === 0x02 && described.driver.first,
  );
  return (cards.find(({ config }) => (config.u16(0x04) & 4) !== 0) ?? cards[0])?.name;
}

/** What carries a mounted file system or a route has a driver, whatever a list of functions says of it. */
function retargeted(machine: Machine, target: string): Machine {
  return {
    ...machine,
    dumpTarget: target,
    inferred: machine.inferred.filter(({ path }) => path !== '/dumpTarget'),
    functions: machine.functions.map((one) =>
      one.name === target && !one.driver.first
        ? { ...one, driver: { ...one.driver, first: true, second: true } }
        : one,
    ),
  };
}
