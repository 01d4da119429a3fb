import type { Machine } from '@quiesce/machine';
import { segmentedName } from '@quiesce/machine';
import type {
  DeviceAccount,
  DevicePhase,
  DumpAccount,
  LabPhase,
  RunAccount,
  UnitPhase,
} from '../account/account.ts';
import { type MachineRequester, machineRequesters } from '../account/machine-requesters.ts';
import type { CrashRecord } from '../lab/crash-record.ts';
import type { LabMachine } from '../lab/first-kernel.ts';
import { deviceLines, deviceVerdict } from './device-lines.ts';

/** Faults of one requester by phase. */
type FaultsByPhase = Partial<Record<LabPhase, Map<number, number>>>;

/** Writes what the lab saw of one crash. */
export function writeAccount(machine: Machine, lab: LabMachine, record: CrashRecord): RunAccount {
  const requesters = machineRequesters(machine);
  const faults = faultsByRequester(lab, record);
  const said = lab.reports.matches(/.*/).map(([line]) => line);
  const tried = deviceLines(said);
  const cameToDrivers = tried.size > 0;
  const devices: DeviceAccount[] = [];
  const told = new Set<number>();
  for (const one of requesters) {
    if (one.isBridge) continue;
    const own = (one.bus << 8) | (one.device << 3) | one.fn;
    told.add(own);
    const command = record.sights.get('undriven')?.commands.get(one.name);
    devices.push({
      name: one.name,
      phases: phasesOf(record, faults.get(own), one),
      verdict: deviceVerdict(
        one.described.driver.second,
        command !== 0xffff,
        tried.get(one.name),
        cameToDrivers,
      ),
    });
  }
  for (const [requesterId, own] of faults) {
    if (told.has(requesterId)) continue;
    devices.push({
      name: `0000:${segmentedName(0, requesterId)}`,
      phases: phasesOf(record, own, undefined),
      verdict: 'no-driver',
    });
  }
  return {
    source: 'kernel',
    devices,
    units: unitsOf(machine, record),
    dump: dumpOf(said),
    stopped: record.stopped,
    ...(record.inService === undefined ? {} : { inService: record.inService }),
    reached: record.timeline.reached,
    strategyFailure:
      record.failure === null ? null : { code: record.failure.code, message: record.failure.message },
    console: (lab.qemu.serial[0]?.lines ?? []).slice(record.consoleFrom).map(({ text }) => text),
  };
}

function faultsByRequester(lab: LabMachine, { timeline }: CrashRecord): Map<number, FaultsByPhase> {
  const result = new Map<number, FaultsByPhase>();
  lab.faults.forEach((at, requesterId, reason) => {
    const phase = timeline.at(at);
    if (phase === undefined) return;
    let own = result.get(requesterId);
    if (own === undefined) result.set(requesterId, (own = {}));
    const reasons = (own[phase] ??= new Map());
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  });
  return result;
}

function phasesOf(
  { timeline, sights }: CrashRecord,
  faults: FaultsByPhase | undefined,
  requester: MachineRequester | undefined,
): Partial<Record<LabPhase, DevicePhase>> {
  const phases: Partial<Record<LabPhase, DevicePhase>> = {};
  for (const phase of timeline.phases) {
    const reasons = faults?.[phase] ?? new Map<number, number>();
    const command = requester === undefined ? undefined : sights.get(phase)?.commands.get(requester.name);
    phases[phase] = {
      faults: [...reasons.values()].reduce((sum, count) => sum + count, 0),
      reasons: [...reasons.keys()].sort((a, b) => a - b),
      ...(command === undefined ? {} : { command }),
    };
  }
  return phases;
}

function unitsOf(machine: Machine, { sights }: CrashRecord): RunAccount['units'] {
  const units: Record<string, Partial<Record<LabPhase, UnitPhase>>> = {};
  for (const { name } of machine.units) {
    const phases: Partial<Record<LabPhase, UnitPhase>> = {};
    for (const [phase, sight] of sights) {
      const unit = sight.units[name];
      if (unit !== undefined) phases[phase] = unit;
    }
    units[name] = phases;
  }
  return units;
}

/** What /init's `vmcore`, `verify` and `changed` lines say; the probe's are JSON. */
function dumpOf(said: readonly string[]): DumpAccount {
  const exists = said.some((line) => /^vmcore \d+$/.test(line));
  const verified = jsonAfter(said, 'verify ');
  const compared = jsonAfter(said, 'changed ');
  return {
    exists,
    ...(verified === undefined
      ? {}
      : { intact: verified.damaged === 0 && verified.missing === 0 && Number(verified.pages) > 0 }),
    ...(compared === undefined ? {} : { changedPages: Number(compared.changed) }),
  };
}

function jsonAfter(said: readonly string[], word: string): Record<string, unknown> | undefined {
  const line = said.find((each) => each.startsWith(word));
  if (line === undefined) return undefined;
  try {
    return JSON.parse(line.slice(word.length)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
