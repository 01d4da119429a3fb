import { type Machine, type MachineFunction, parseMachine, preset } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { apply } from 'json-merge-patch';
import type { CaseMachine, FunctionSelection, MachineChange, MemoryChange } from '../case/record-case.ts';

/**
 * The machine of a case.
 * @throws UserError `MACHINE_UNKNOWN` for the preset, `CASE_CHANGE` for a change that is about nothing that is there, and
 * those of parseMachine if what comes out is no machine: a misspelt field would change nothing otherwise
 */
export function machineOf(described: CaseMachine, further: readonly MachineChange[] = []): Machine {
  let machine = preset(described.preset);
  const changes = [...(described.changes ?? []), ...further];
  for (const change of changes) machine = changed(machine, change);
  return changes.length === 0 ? machine : parseMachine(withoutUndefined(machine), { file: described.preset });
}

/** As JSON has it. */
function withoutUndefined(machine: Machine): unknown {
  return JSON.parse(JSON.stringify(machine));
}

function changed(machine: Machine, change: MachineChange): Machine {
  if (change.functions !== undefined) return withFunctions(machine, change.functions, change);
  if (change.units !== undefined) {
    const { units: names } = change;
    needs(
      names.every((name) => machine.units.some((unit) => unit.name === name)),
      machine,
      names.join(', '),
    );
    const units = machine.units.map((unit) => (names.includes(unit.name) ? patched(unit, change.set) : unit));
    return { ...machine, units };
  }
  const machineItself = patched(machine, change.set);
  return change.memory === undefined ? machineItself : withMemory(machineItself, change.memory);
}

function withFunctions(machine: Machine, selection: FunctionSelection, change: MachineChange): Machine {
  const chosen = new Set(machine.functions.filter((one) => selects(selection, one)));
  const all = Array.isArray(selection) ? selection.length === chosen.size : chosen.size > 0;
  needs(all, machine, JSON.stringify(selection));
  if (change.remove === true)
    return { ...machine, functions: machine.functions.filter((one) => !chosen.has(one)) };
  return {
    ...machine,
    functions: machine.functions.map((one) =>
      chosen.has(one) ? withConfig(patched(one, change.set), change.config) : one,
    ),
  };
}

function selects(selection: FunctionSelection, one: MachineFunction): boolean {
  if (selection === 'all') return true;
  return 'kind' in selection ? one.endpoint.kind === selection.kind : selection.includes(one.name);
}

function patched<T extends object>(value: T, patch: Readonly<Record<string, unknown>> | undefined): T {
  return patch === undefined ? value : (apply(structuredClone(value), patch) as T);
}

function withConfig(
  one: MachineFunction,
  bytes: Readonly<Record<string, string>> | undefined,
): MachineFunction {
  let { config } = one;
  for (const [offset, digits] of Object.entries(bytes ?? {})) {
    const at = Number(offset) * 2;
    if (at + digits.length > config.length) {
      throw new UserError('CASE_CHANGE', `${one.name} has no config space at ${offset}`);
    }
    config = config.slice(0, at) + digits + config.slice(at + digits.length);
  }
  return { ...one, config };
}

function withMemory(machine: Machine, { start, end, owner }: MemoryChange): Machine {
  const [from, to] = [Number(start), Number(end)];
  const around = machine.memoryMap.find((region) => region.start <= from && to <= region.end && from < to);
  if (around === undefined) {
    throw new UserError('CASE_CHANGE', `${machine.name} has no region around ${start} to ${end}`);
  }
  const parts = [
    { ...around, end: from },
    { ...around, start: from, end: to, owner },
    { ...around, start: to },
  ].filter((part) => part.start < part.end);
  return { ...machine, memoryMap: machine.memoryMap.flatMap((one) => (one === around ? parts : [one])) };
}

function needs(found: boolean, machine: Machine, what: string): void {
  if (found) return;
  throw new UserError('CASE_CHANGE', `${machine.name} has not all of ${what}`, {
    expected: 'names of functions or units, or a kind, that the machine has',
  });
}
