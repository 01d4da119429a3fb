import { UserError } from '@quiesce/simulation';
import type { Machine } from '../description/machine.ts';
import { q35Lab } from './q35-lab.ts';
import { scalable2026 } from './scalable-2026.ts';
import { server2012 } from './server-2012.ts';

/** The built-in machines by name. */
export const presets: Readonly<Record<string, () => Machine>> = {
  'q35-lab': q35Lab,
  'server-2012': server2012,
  'scalable-2026': scalable2026,
};

/**
 * The built-in machine of this name.
 * @throws UserError `MACHINE_UNKNOWN` if there is no preset of this name
 */
export function preset(name: string): Machine {
  const make = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (make === undefined) {
    throw new UserError('MACHINE_UNKNOWN', `no machine is named "${name}"`, {
      expected: Object.keys(presets).join(', '),
    });
  }
  return make();
}
