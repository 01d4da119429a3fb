import type { HostFacts, Machine, MachineFunction } from '@quiesce/machine';

/** A way in which a machine is busy when it crashes, and which drivers its crash kernel brings. */
export interface WorkloadVariant {
  readonly name: string;
  readonly description: string;
  apply(machine: Machine): Machine;
}

/**
 * The workloads that every assessment simulates: the crash kernel with the driver of the dump target alone, as most initial
 * file systems for kdump have it; the same of a machine that does little; with all drivers of the first kernel; and, where nobody
 * knows what the platform makes of errors, on one that takes them for fatal.
 * @param dumpThrough functions beside the dump target whose drivers an initial file system has for the dump
 */
export function workloadVariants(
  machine: Machine,
  host: Pick<HostFacts, 'drivers'>,
  dumpThrough: readonly string[] = [],
): WorkloadVariant[] {
  return [
    {
      name: 'busy',
      description: 'full load, interrupts on; the crash kernel has the driver of the dump target alone',
      apply: (busy) => targetAlone(busy, host, dumpThrough),
    },
    {
      name: 'quiet',
      description:
        'a tenth of the load, interrupts masked; the crash kernel has the driver of the dump target alone',
      apply: (busy) => ({
        ...targetAlone(busy, host, dumpThrough),
        workload: { ...busy.workload, intensity: busy.workload.intensity / 10, interrupts: false },
      }),
    },
    {
      name: 'all drivers',
      description:
        'full load, interrupts on; the crash kernel has all drivers of the first, graphics left out',
      apply: (busy) => busy,
    },
    ...(isPlatformKnown(machine) ? [] : [strictPlatform(host, dumpThrough)]),
  ];
}

/** Somebody said what the chipset makes of errors; an import only knows that nobody did. */
function isPlatformKnown({ platform }: Machine): boolean {
  return platform.systemError !== 'none' || platform.remappingFault !== 'none';
}

/** Some chipsets make an NMI of a remapping fault, and hang in firmware on a system error: no capture says which. */
function strictPlatform(host: Pick<HostFacts, 'drivers'>, dumpThrough: readonly string[]): WorkloadVariant {
  return {
    name: 'strict platform',
    description:
      'as busy, on a chipset that takes remapping faults and bus errors for fatal (no capture says whether it does)',
    apply: (busy) => ({
      ...targetAlone(busy, host, dumpThrough),
      platform: {
        ...busy.platform,
        systemError: 'smi-hang',
        remappingFault: 'serr-nmi',
        masterAbortIsSystemError: true,
      },
    }),
  };
}

function targetAlone(
  machine: Machine,
  host: Pick<HostFacts, 'drivers'>,
  dumpThrough: readonly string[],
): Machine {
  const needed = machine.functions.filter(
    ({ name }) => name === machine.dumpTarget || dumpThrough.includes(name),
  );
  if (!needed.some(({ name }) => name === machine.dumpTarget)) return machine;
  return withDrivers(machine, (one) =>
    isBridge(one) || needed.some((other) => sameDriver(one, other, host)) ? undefined : { second: false },
  );
}

/** Port drivers are built in. Header type, at offset 0x0e. */
function isBridge({ config }: MachineFunction): boolean {
  return (Number.parseInt(config.slice(0x1c, 0x1e), 16) & 0x7f) === 1;
}

/** Two functions that one driver binds to: by its name if the capture has it, else by the kind of engine. */
export function sameDriver(
  one: MachineFunction,
  other: MachineFunction,
  host: Pick<HostFacts, 'drivers'>,
): boolean {
  if (one.name === other.name) return true;
  const [a, b] = [host.drivers[one.name]?.value, host.drivers[other.name]?.value];
  if (a !== undefined && b !== undefined) return a === b;
  return one.endpoint.kind !== 'idle' && one.endpoint.kind === other.endpoint.kind;
}

/** The machine with other drivers; undefined leaves a function's as they are. */
export function withDrivers(
  machine: Machine,
  change: (one: MachineFunction) => Partial<MachineFunction['driver']> | undefined,
): Machine {
  return {
    ...machine,
    functions: machine.functions.map((one) => {
      const changes = change(one);
      return changes === undefined ? one : { ...one, driver: { ...one.driver, ...changes } };
    }),
  };
}
