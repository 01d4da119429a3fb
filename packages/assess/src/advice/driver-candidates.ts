import type { HostFacts, Machine, MachineFunction } from '@quiesce/machine';
import { rule } from '../functions/evidence.ts';
import type { FunctionFinding } from '../functions/function-findings.ts';
import { namedFew } from '../functions/named-few.ts';
import type { CrashSetup } from '../simulation/experiment.ts';
import { sameDriver, withDrivers } from '../simulation/workloads.ts';
import type { Candidate } from './candidate.ts';

/** Drivers that are tried one by one: those with the most functions first. */
const MOST_DRIVERS = 10;

interface DriverGroup {
  /** Name of the module, or `the driver of 0000:00:1b.0` where no source names it. */
  readonly name: string;
  readonly isModule: boolean;
  readonly functions: readonly string[];
  readonly ofTarget: boolean;
  readonly classNames: readonly string[];
}

/** Drivers to bring along into the crash kernel, to keep out of it, or to do without. */
export function driverCandidates(
  machine: Machine,
  host: Pick<HostFacts, 'drivers'>,
  functions: readonly FunctionFinding[],
): Candidate[] {
  const groups = groupsOf(machine, host, functions).slice(0, MOST_DRIVERS);
  const others = groups.filter(({ ofTarget }) => !ofTarget);
  const all = others.length > 1 ? [bringAlong(others)] : [];
  return [
    ...others.map((group) => bringAlong([group])),
    ...others.map(keepOut),
    ...others
      .filter(({ classNames }) => classNames.every((name) => dispensable.includes(name)))
      .map(doWithout),
    ...all,
  ];
}

function adjusted(
  setup: CrashSetup,
  change: Parameters<typeof withDrivers>[1],
): NonNullable<CrashSetup['adjustments']> {
  return [...(setup.adjustments ?? []), (machine) => withDrivers(machine, change)];
}

/** What a server can do without altogether, by class. */
const dispensable: readonly string[] = ['HD audio', 'multimedia'];

function bringAlong(groups: readonly DriverGroup[]): Candidate {
  const names = groups.map(({ name }) => name);
  const modules = groups.filter(({ isModule }) => isModule).map(({ name }) => name);
  const functions = new Set(groups.flatMap((group) => group.functions));
  const what = names.length === 1 ? (names[0] as string) : `${names.length} drivers (${namedFew(names)})`;
  return {
    id: `driver:bring:${names.join(',')}`,
    kind: 'driver',
    effort: groups.length,
    topic: "Bring drivers of busy devices into the crash kernel's initramfs",
    title: `Bring ${what} into the crash kernel's initramfs`,
    text: `A driver that attaches resets its device: ${namedFew([...functions])} ${functions.size === 1 ? 'stops' : 'stop'} writing before the dump is read.`,
    costs: 'More memory of the crash kernel, and a driver more that can fail in it.',
    commands:
      modules.length === 0
        ? []
        : [
            `dracut: add_drivers+=" ${modules.join(' ')} " in /etc/dracut.conf.d/kdump.conf, then: kdumpctl rebuild`,
            `Debian, Ubuntu: add ${modules.join(' ')} to /etc/initramfs-tools/modules, then: update-initramfs -u`,
          ],
    evidence: [rule('simulated drivers', 'a driver resets its device before it maps memory of its own')],
    change: (setup) => ({
      ...setup,
      adjustments: adjusted(setup, (one) =>
        functions.has(one.name) ? { first: true, second: true } : undefined,
      ),
    }),
  };
}

function keepOut(group: DriverGroup): Candidate {
  const functions = new Set(group.functions);
  return {
    id: `driver:keep-out:${group.name}`,
    kind: 'driver',
    topic: 'Keep a driver out of the crash kernel',
    title: `Keep ${group.name} out of the crash kernel`,
    text: `Nothing touches ${namedFew(group.functions)} then: what it was doing goes on.`,
    commands: group.isModule
      ? [`crash kernel: rd.driver.blacklist=${group.name} modprobe.blacklist=${group.name}`]
      : [],
    evidence: [
      rule(
        'Documentation/admin-guide/kdump/kdump.rst',
        'the crash kernel needs the drivers of its dump target alone',
      ),
    ],
    change: (setup) => ({
      ...setup,
      adjustments: adjusted(setup, (one) => (functions.has(one.name) ? { second: false } : undefined)),
    }),
  };
}

function doWithout(group: DriverGroup): Candidate {
  const functions = new Set(group.functions);
  return {
    id: `driver:unload:${group.name}`,
    kind: 'driver',
    topic: 'Do without a driver in production',
    title: `Do without ${group.name} in production`,
    text: `A device that no driver has started does no DMA when the machine crashes: ${namedFew(group.functions)}.`,
    costs: 'The device cannot be used.',
    commands: group.isModule ? [`production kernel: modprobe.blacklist=${group.name}`] : [],
    evidence: [rule('PCIe 7.5.1.1.3', 'Bus Master Enable is clear until a driver sets it')],
    change: (setup) => ({
      ...setup,
      adjustments: adjusted(setup, (one) =>
        functions.has(one.name) ? { first: false, second: false } : undefined,
      ),
    }),
  };
}

function groupsOf(
  machine: Machine,
  host: Pick<HostFacts, 'drivers'>,
  functions: readonly FunctionFinding[],
): DriverGroup[] {
  const findings = new Map(functions.map((one) => [one.name, one]));
  const target = machine.functions.find(({ name }) => name === machine.dumpTarget);
  const groups: { lead: MachineFunction; members: MachineFunction[] }[] = [];
  for (const one of machine.functions) {
    const finding = findings.get(one.name);
    if (finding === undefined || finding.poweredOff || !finding.simulated || !one.driver.first) continue;
    // What the kernel halts by itself needs no driver for it, and is not left alone without one.
    if (finding.handedOff) continue;
    // Graphics drivers of a crash kernel would take the console with them.
    if (one.endpoint.kind === 'scan-out') continue;
    const group = groups.find(({ lead }) => sameDriver(one, lead, host));
    if (group === undefined) groups.push({ lead: one, members: [one] });
    else group.members.push(one);
  }
  return groups
    .map(({ lead, members }): DriverGroup => {
      const driver = host.drivers[lead.name]?.value;
      return {
        name: driver ?? `the driver of ${lead.name}`,
        isModule: driver !== undefined && /^[\w-]{1,64}$/.test(driver),
        functions: members.map(({ name }) => name),
        ofTarget: target !== undefined && members.some((one) => sameDriver(one, target, host)),
        classNames: [...new Set(members.map(({ name }) => findings.get(name)?.className ?? ''))],
      };
    })
    .sort((a, b) => b.functions.length - a.functions.length);
}
