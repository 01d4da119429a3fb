import { type HostFacts, type Machine, scopesOfMachine } from '@quiesce/machine';
import type { FunctionFinding } from '../functions/function-findings.ts';
import { MachineView } from '../functions/machine-view.ts';
import { namedFew } from '../functions/named-few.ts';

/** What a known defect needs of a machine to matter there: names that `known-defects.json` uses. */
export interface ConditionInput {
  readonly machine: Machine;
  readonly host: Pick<HostFacts, 'iommuGroups'>;
  readonly functions: readonly FunctionFinding[];
  /** The first kernel runs its units in scalable mode, as far as is known. */
  readonly scalable: boolean;
}

/** Whether a condition holds, and the functions or facts that make it so. */
export interface ConditionAnswer {
  readonly holds: boolean;
  readonly because: string;
}

type Condition = (input: ConditionInput) => ConditionAnswer;

/** First device number whose context entry stands in the upper table of a scalable-mode root entry (VT-d 9.3). */
const UPPER_HALF = 0x80;
/** The one whose remapping of MSI-X can be switched off (VMD_FEAT_CAN_BYPASS_MSI_REMAP). */
const BYPASSING_VMD = /^8086:28c0$/;

const conditions: Readonly<Record<string, Condition>> = {
  always: () => ({ holds: true, because: 'it is so on every machine' }),
  scalable: ({ scalable }) => ({
    holds: scalable,
    because: scalable ? 'its units run in scalable mode' : 'its units run in legacy mode',
  }),
  'upper-half-alone': (input) => {
    const buses = upperHalfBuses(input.machine);
    const named = `${namedFew(buses)} ${buses.length === 1 ? 'has' : 'have'} functions in the upper half only`;
    if (buses.length === 0)
      return { holds: false, because: 'no bus has functions at device 10 hex and above only' };
    return input.scalable
      ? { holds: true, because: `scalable mode, and ${named}` }
      : { holds: false, because: `${named}, but its units run in legacy mode` };
  },
  'shared-group': ({ machine, host, functions }) => {
    const groups = new Map<number, string[]>();
    for (const [name, { value }] of Object.entries(host.iommuGroups)) {
      groups.set(value, [...(groups.get(value) ?? []), name]);
    }
    const masters = new Set(functions.filter(({ masters }) => masters).map(({ name }) => name));
    const shared = [...groups.values()].find(
      (names) => names.length > 1 && names.some((name) => masters.has(name)),
    );
    if (shared !== undefined) return { holds: true, because: `${namedFew(shared)} share an IOMMU group` };
    const view = new MachineView(machine);
    const multi = functions.find(({ name }) => masters.has(name) && sendsThroughAnother(view, name));
    if (multi !== undefined)
      return { holds: true, because: `${multi.name} shares its requester ID with a bridge` };
    return { holds: false, because: 'no two functions are known to share a group' };
  },
  'message-interrupts': ({ functions }) => {
    const those = functions.filter(({ interrupt, isBridge }) => !isBridge && interrupt.startsWith('msi'));
    return { holds: those.length > 0, because: `${those.length} functions have message interrupts enabled` };
  },
  'undriven-below-port': ({ functions }) => {
    const those = functions
      .filter(({ masters, path, driven }) => masters && path.length > 0 && !driven.crashKernel)
      .map(({ name }) => name);
    return those.length === 0
      ? { holds: false, because: 'every master below a port has a driver in the crash kernel' }
      : { holds: true, because: `${namedFew(those)} may have no driver in the crash kernel` };
  },
  'ats-enabled': (input) => atsEnabled(input),
  'ats-enabled-legacy': (input) => {
    const enabled = atsEnabled(input);
    return enabled.holds && input.scalable
      ? { holds: false, because: `${enabled.because}, but its units run in scalable mode` }
      : enabled;
  },
  'bypassing-volume-management': ({ functions }) => {
    const those = functions.filter(({ id }) => BYPASSING_VMD.test(id)).map(({ name }) => name);
    return {
      holds: those.length > 0,
      because:
        those.length === 0
          ? 'no Volume Management Device can do so'
          : `${namedFew(those)} can be told to do so`,
    };
  },
  'unit-without-functions': ({ machine }) => {
    const units = emptyUnits(machine);
    return {
      holds: units.length > 0,
      because:
        units.length === 0
          ? 'every unit has functions'
          : `none of the functions that ${namedFew(units)} names exists`,
    };
  },
  'locked-unit': ({ machine }) => {
    const locked = machine.units.filter(({ locked }) => locked === true).map(({ name }) => name);
    return {
      holds: locked.length > 0,
      because: locked.length === 0 ? 'no unit is locked' : `${namedFew(locked)} is locked by SNP`,
    };
  },
  tylersburg: ({ functions }) => {
    const found = functions.find(({ name, id }) => name === '0000:00:00.0' && /^8086:340[356]$/.test(id));
    return {
      holds: found !== undefined,
      because: found === undefined ? 'another chipset' : `the chipset is ${found.id}`,
    };
  },
};

/** Asks for a condition of the data by its name; one that is not known here holds nowhere. */
export function askCondition(name: string, input: ConditionInput): ConditionAnswer {
  const condition = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
  return condition?.(input) ?? { holds: false, because: `"${name}" is no condition that is known here` };
}

function atsEnabled({ functions }: ConditionInput): ConditionAnswer {
  const those = functions
    .filter(({ statements }) =>
      statements.some(({ topic, severity }) => topic === 'ats' && severity === 'warning'),
    )
    .map(({ name }) => name);
  return {
    holds: those.length > 0,
    because: those.length === 0 ? 'ATS is on in no function' : `ATS is on in ${namedFew(those)}`,
  };
}

/** Its requests arrive under the requester ID of a bridge, or of the device that carries its PCI domain. */
function sendsThroughAnother(view: MachineView, name: string): boolean {
  const one = view.byName(name);
  if (one === undefined) return false;
  return one.host !== undefined || [...view.topology.aliases(one.segment, one.requesterId)].length > 0;
}

function upperHalfBuses(machine: Machine): string[] {
  const lowest = new Map<string, number>();
  for (const { segment, bus, requesterId, config } of new MachineView(machine).functions) {
    if (config.isAbsent) continue;
    const key = `bus ${segment === 0 ? '' : `${segment.toString(16)}:`}${bus.toString(16).padStart(2, '0')}`;
    lowest.set(key, Math.min(lowest.get(key) ?? 0xff, requesterId & 0xff));
  }
  return [...lowest].filter(([, devfn]) => devfn >= UPPER_HALF).map(([bus]) => bus);
}

function emptyUnits(machine: Machine): string[] {
  const { resolved } = scopesOfMachine(machine, new MachineView(machine).topology);
  return (resolved?.units ?? [])
    .filter((unit) => !unit.includeAll && unit.functions.length + unit.subtrees.length === 0)
    .map(({ index }) => `dmar${index}`);
}
