import type { Machine } from '@quiesce/machine';
import type { DeviceVerdict } from './outcome.ts';

/** Whether there is something that a dump can be written to: the machine's target, or any device if it names none. */
export function dumpTargetWorks(
  machine: Machine,
  verdict: (name: string) => DeviceVerdict | undefined,
): boolean {
  if (machine.dumpTarget !== undefined) return verdict(machine.dumpTarget) === 'working';
  return machine.functions.some(({ name }) => verdict(name) === 'working');
}
