import type { HostFacts, Machine } from '@quiesce/machine';
import { blacklistedDrivers, moduleName } from '../command-line/blacklisted-drivers.ts';
import { CrashParameters } from '../command-line/crash-parameters.ts';
import { withDrivers } from '../simulation/workloads.ts';

/** A machine whose crash kernel leaves drivers out, and what was left out, in sentences. */
export interface MachineWithoutDrivers {
  readonly machine: Machine;
  readonly said: readonly string[];
}

/** Takes drivers away from the crash kernel that its command line blacklists, or that its initial file system omits. */
export function withoutBlacklistedDrivers(
  machine: Machine,
  host: Pick<HostFacts, 'drivers' | 'omittedDrivers'>,
  crashLine: string,
): MachineWithoutDrivers {
  const omitted = (host.omittedDrivers ?? []).map(({ value }) => moduleName(value));
  const out = new Set([...blacklistedDrivers(new CrashParameters(crashLine)), ...omitted]);
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
    said: [
      `The crash kernel does not have these drivers, by its command line or kdump's configuration: ${drivers.join(', ')}.`,
    ],
  };
}
