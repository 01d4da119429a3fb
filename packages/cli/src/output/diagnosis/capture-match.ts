import type { Diagnosis } from '@quiesce/diagnose';
import type { Machine } from '@quiesce/machine';

/** Why a capture may be another machine's than the log; empty if nothing says so. */
export function captureDoubts(diagnosis: Diagnosis, machine: Machine): string[] {
  const doubts: string[] = [];
  const { ties } = diagnosis;
  if (ties.length > 0 && ties.every((tie) => tie.how === 'not-found'))
    doubts.push('none of the requesters in the log stands on it');
  const logged = diagnosis.kernels.flatMap((kernel) =>
    kernel.inventory.units.flatMap((unit) =>
      unit.registerBase === undefined ? [] : [Number.parseInt(unit.registerBase, 16)],
    ),
  );
  const captured = machine.units.map((unit) => unit.registerBase);
  if (logged.length > 0 && captured.length > 0 && !captured.some((base) => logged.includes(base)))
    doubts.push('its remapping units are at other addresses than those in the log');
  return doubts;
}
