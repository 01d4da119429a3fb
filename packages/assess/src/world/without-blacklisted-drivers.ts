import type { HostFacts, Machine } from '@quiesce/machine';
import { blacklistedDrivers, moduleName } from '../command-line/blacklisted-drivers.ts';
import { CrashParameters } from '../command-line/crash-parameters.ts';
import { withDrivers } from '../simulation/workloads.ts';

/** A machine whose crash kernel leaves drivers out, and what was left out, in sentences. */
export interface MachineWithoutDrivers {
  readonly machine: Machine;
  readonly said: readonly string[];
}

/** Takes drivers that the crash kernel's command line blacklists away from it. */
export function withoutBlacklistedDrivers(
  machine: Machine,
  host: Pick<HostFacts, 'drivers'>,
  crashLine: string,
): MachineWithoutDrivers {
  const out = blacklistedDrivers(new CrashParameters(crashLine));
  if (out.size === 0) return { machine, said: [] };
  const hit = new Map<string, number>();
  const changed = withDrivers(machine, ({ name, driver }) => {
    const stated = host.drivers[name]?.value;
    if (stated === undefined || !driver.second || !out.has(moduleName(stated))) return undefined;
    hit.set(stated, (hit.get(stated) ?? 0) + 1);
    return { second: false };
  });
  if (hit.size === 0) return { machine, said: [] };
  const drivers = [...hit].map(
    ([name, count]) => `${name} (${count} ${count === 1 ? 'function' : 'functions'})`,
  );
  return {
    machine: changed,
    said: [`The crash kernel's command line keeps drivers out of it: ${drivers.join(', ')}.`],
  };
}
