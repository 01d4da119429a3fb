import {
  type DeviceAccount,
  type DevicePhase,
  type LabPhase,
  labPhases,
  type RunAccount,
  type UnitPhase,
} from '../account/account.ts';

type ByPhase<Value> = Partial<Record<LabPhase, Value>>;

/** A device phase of which only what differs is said: no fault, and the Command register of the phase before. */
export interface SparseDevicePhase {
  readonly faults?: number;
  readonly reasons?: readonly number[];
  /** Null: nobody looked. */
  readonly command?: number | null;
}

/** A unit's phase: what is as it was in the phase before is left out, context by context. */
export type SparseUnitPhase = Partial<UnitPhase>;

/** A {@link RunAccount} without its console, in which a phase says only what changed. */
export interface SparseAccount extends Omit<RunAccount, 'devices' | 'units' | 'console'> {
  readonly devices: readonly (Omit<DeviceAccount, 'phases'> & {
    readonly phases: ByPhase<SparseDevicePhase>;
  })[];
  readonly units: Readonly<Record<string, ByPhase<SparseUnitPhase>>>;
}

/** Leaves out what a phase does not change, and the console. */
export function sparseAccount(account: RunAccount): SparseAccount {
  const { console: _console, devices, units, ...rest } = account;
  return {
    ...rest,
    devices: devices.map((device) => ({ ...device, phases: sparseDevice(device.phases) })),
    units: Object.fromEntries(Object.entries(units).map(([name, phases]) => [name, sparseUnit(phases)])),
  };
}

/** The account again, with an empty console. */
export function wholeAccount(sparse: SparseAccount): RunAccount {
  const { devices, units, ...rest } = sparse;
  return {
    ...rest,
    devices: devices.map((device) => ({ ...device, phases: wholeDevice(device.phases) })),
    units: Object.fromEntries(Object.entries(units).map(([name, phases]) => [name, wholeUnit(phases)])),
    console: [],
  };
}

function sparseDevice(phases: Readonly<ByPhase<DevicePhase>>): ByPhase<SparseDevicePhase> {
  const result: ByPhase<SparseDevicePhase> = {};
  let command: number | undefined;
  for (const phase of labPhases) {
    const now = phases[phase];
    if (now === undefined) continue;
    result[phase] = {
      ...(now.faults === 0 ? {} : { faults: now.faults }),
      ...(now.reasons.length === 0 ? {} : { reasons: now.reasons }),
      ...(now.command === command ? {} : { command: now.command ?? null }),
    };
    command = now.command;
  }
  return result;
}

function wholeDevice(phases: ByPhase<SparseDevicePhase>): ByPhase<DevicePhase> {
  const result: ByPhase<DevicePhase> = {};
  let command: number | undefined;
  for (const phase of labPhases) {
    const now = phases[phase];
    if (now === undefined) continue;
    if (now.command !== undefined) command = now.command ?? undefined;
    result[phase] = {
      faults: now.faults ?? 0,
      reasons: now.reasons ?? [],
      ...(command === undefined ? {} : { command }),
    };
  }
  return result;
}

function sparseUnit(phases: Readonly<ByPhase<UnitPhase>>): ByPhase<SparseUnitPhase> {
  const result: ByPhase<SparseUnitPhase> = {};
  let before: Partial<UnitPhase> = {};
  for (const phase of labPhases) {
    const now = phases[phase];
    if (now === undefined) continue;
    const contexts = Object.entries(now.contexts).filter(([name, context]) => {
      const old = before.contexts?.[name];
      return old === undefined || JSON.stringify(old) !== JSON.stringify(context);
    });
    result[phase] = {
      ...Object.fromEntries(
        registers.filter((key) => now[key] !== before[key]).map((key) => [key, now[key]]),
      ),
      ...(contexts.length === 0 ? {} : { contexts: Object.fromEntries(contexts) }),
    };
    before = now;
  }
  return result;
}

const registers = ['translation', 'interruptRemapping', 'rootTable', 'interruptTable'] as const;

function wholeUnit(phases: ByPhase<SparseUnitPhase>): ByPhase<UnitPhase> {
  const result: ByPhase<UnitPhase> = {};
  let so: UnitPhase = {
    translation: false,
    interruptRemapping: false,
    rootTable: 0,
    interruptTable: 0,
    contexts: {},
  };
  for (const phase of labPhases) {
    const now = phases[phase];
    if (now === undefined) continue;
    so = { ...so, ...now, contexts: { ...so.contexts, ...now.contexts } };
    result[phase] = so;
  }
  return result;
}
