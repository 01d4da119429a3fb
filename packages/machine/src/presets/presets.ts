import { UserError } from '@quiesce/simulation';
import type { Machine } from '../description/machine.ts';
import { armServer2026 } from './arm-server-2026.ts';
import { epyc2025 } from './epyc-2025.ts';
import { management2012 } from './management-2012.ts';
import { multiUnit } from './multi-unit.ts';
import { q35Lab } from './q35-lab.ts';
import { q35ScalableLab, q35ScalableLabBothHalves } from './q35-scalable-lab.ts';
import { scalable2026 } from './scalable-2026.ts';
import { server2012 } from './server-2012.ts';
import { sriov2020 } from './sriov-2020.ts';
import { sumner2014 } from './sumner-2014.ts';
import { threeRoots } from './three-roots.ts';
import { tylersburg2010 } from './tylersburg-2010.ts';
import { workstation2012 } from './workstation-2012.ts';

/** The built-in machines by name. */
export const presets: Readonly<Record<string, () => Machine>> = {
  'q35-lab': q35Lab,
  'server-2012': server2012,
  'scalable-2026': scalable2026,
  'q35-scalable-lab': q35ScalableLab,
  'q35-scalable-lab-both-halves': q35ScalableLabBothHalves,
  'sumner-2014': sumner2014,
  'workstation-2012': workstation2012,
  'tylersburg-2010': tylersburg2010,
  'three-roots': threeRoots,
  'multi-unit': multiUnit,
  'arm-server-2026': armServer2026,
  'management-2012': management2012,
  'sriov-2020': sriov2020,
  'epyc-2025': epyc2025,
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
