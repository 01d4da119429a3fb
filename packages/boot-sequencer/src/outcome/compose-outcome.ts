import type { Machine, MachineFunction } from '@quiesce/machine';
import { millisecond, type Nanoseconds, traceKind } from '@quiesce/simulation';
import { firmwareVerdict } from '../phases/firmware-traffic.ts';
import type { StrategyHost } from '../strategy-host/strategy-host.ts';
import type { World } from '../world/world.ts';
import { type DisplayProbe, displayVerdict } from './display.ts';
import { dumpTargetWorks } from './dump-target.ts';
import type { DeviceVerdict, Outcome, StaleInterrupts } from './outcome.ts';
import { dumpedOwners } from './recorder.ts';

const outcomeKind = traceKind('outcome', [
  'dmaFaults',
  'interruptFaults',
  'systemErrors',
  'corrupted',
  'untranslated',
]);

/** Reads the outcome off the machine as it stands at the end. */
export function composeOutcome(
  world: World,
  strategy: StrategyHost,
  attached: ReadonlyMap<string, DeviceVerdict>,
  crashedAt: Nanoseconds,
  displaysAtCrash: readonly DisplayProbe[],
  presentAtCrash: ReadonlySet<string>,
): Outcome {
  const { machine, recorder, stopped } = world;
  const devices = deviceVerdicts(machine, attached, world, presentAtCrash);
  const corruption = recorder.corruption.list();
  const untranslated = recorder.untranslated();
  const corrupted = corruption.reduce((sum, one) => sum + one.bytes, 0);
  world.trace.record(
    outcomeKind,
    world.now,
    recorder.dmaFaults.total,
    recorder.interruptFaults.total,
    recorder.systemErrors,
    corrupted,
    untranslated.total,
    0,
    JSON.stringify(devices),
  );
  return {
    dump: dumpVerdict(machine, devices, world),
    stoppedAt: stopped === undefined ? null : { phase: stopped.phase, cause: stopped.reason },
    dmaFaults: recorder.dmaFaults.totals(crashedAt),
    interruptFaults: recorder.interruptFaults.totals(crashedAt),
    interrupts: staleInterrupts(world),
    systemErrors: recorder.systemErrors,
    untranslated,
    corruption,
    devices,
    domains: {},
    display: displayVerdict(world, displaysAtCrash),
    firmwareTraffic: firmwareVerdict(world),
    time: {
      strategyMs: strategy.waitedMs,
      panicToDumpMs: (world.now - crashedAt) / millisecond,
    },
    memory: { extraBytes: strategy.pages.bytes, allocations: strategy.pages.allocations },
    dumpChanges: { bytes: recorder.alteredWhileDumping, pages: recorder.pagesAlteredWhileDumping },
    reboot: { verdict: 'not-reached', cause: null },
    strategyFailure: strategy.failure,
    traceHash: world.trace.hash(),
  };
}

function staleInterrupts({ processor }: World): StaleInterrupts {
  const { stray, receiveAcceptErrors, apic } = processor;
  return { stray, staleInService: apic.inService(), receiveAcceptErrors };
}

function isEndpoint(one: MachineFunction): boolean {
  // Header type 1 is a bridge: config byte 0x0e.
  return (Number.parseInt(one.config.slice(28, 30), 16) & 0x7f) !== 1;
}

function deviceVerdicts(
  machine: Machine,
  attached: ReadonlyMap<string, DeviceVerdict>,
  world: World,
  presentAtCrash: ReadonlySet<string>,
): Record<string, DeviceVerdict> {
  const result: Record<string, DeviceVerdict> = {};
  for (const described of machine.functions) {
    if (!isEndpoint(described)) continue;
    // What was powered off before the crash was not lost by it.
    const present = presentAtCrash.has(described.name);
    result[shortName(described.name)] = present ? verdictOf(described, attached, world) : 'no-driver';
  }
  return result;
}

function verdictOf(
  described: MachineFunction,
  attached: ReadonlyMap<string, DeviceVerdict>,
  world: World,
): DeviceVerdict {
  if (!described.driver.second) return 'no-driver';
  const verdict = attached.get(described.name);
  if (verdict === undefined) return world.stopped === undefined ? 'lost' : 'failed';
  if (verdict === 'working') return verdict;
  const fn = world.hardware.hierarchy.byName(described.name);
  const answers = fn !== undefined && answersNow(world, fn.description.segment, fn.requesterId);
  return answers ? 'failed' : 'lost';
}

function answersNow(world: World, segment: number, requesterId: number): boolean {
  const { hierarchy } = world.hardware;
  const id = hierarchy.configRead(
    segment,
    requesterId >>> 8,
    (requesterId >>> 3) & 31,
    requesterId & 7,
    0,
    2,
  );
  return id !== 0xffff && id !== 0x0001;
}

function dumpVerdict(
  machine: Machine,
  devices: Readonly<Record<string, DeviceVerdict>>,
  world: World,
): Outcome['dump'] {
  if (world.stopped !== undefined) return 'lost';
  if (!dumpTargetWorks(machine, (name) => devices[shortName(name)])) return 'lost';
  const { recorder } = world;
  // Its code is not executed here byte by byte; nobody would believe what it wrote.
  if (recorder.spoiltImage) return 'lost';
  const altered =
    recorder.alteredWhileDumping > 0 ||
    recorder.spoiltDumpBuffers ||
    recorder.corruption.hits(...dumpedOwners);
  return altered ? 'altered' : 'saved';
}

/** Without the segment if it is 0. */
export function shortName(name: string): string {
  return name.startsWith('0000:') ? name.slice(5) : name;
}
