import { type AssembledMachine, assembleMachine, type Machine } from '@quiesce/machine';
import type { FabricMode } from '@quiesce/pcie-model';
import {
  EventCalendar,
  milliseconds,
  type Nanoseconds,
  RandomStream,
  Trace,
  traceKind,
} from '@quiesce/simulation';
import { type Phase, phases } from '@quiesce/strategy';
import { Processor } from '../interrupts/processor.ts';
import { KernelLog } from '../log/kernel-log.ts';
import { Recorder } from '../outcome/recorder.ts';
import { MachineStopped } from './machine-stopped.ts';

const phaseKind = traceKind('phase', [
  'index',
  'dmaFaults',
  'interruptFaults',
  'systemErrors',
  'leftoverBytes',
]);
const stopKind = traceKind('stop', ['phase']);

/** Called before an access; `value` is undefined for a read. */
export type ConfigWatch = (
  segment: number,
  bus: number,
  device: number,
  fn: number,
  offset: number,
  size: number,
  value: number | undefined,
) => void;

/** A phase begins; or, within `init`, /init loads drivers. */
export type Milestone = Phase | 'load_drivers';

/** One machine, its time and everything that listens to it: what both kernels run on. */
export class World {
  readonly machine: Machine;
  readonly hardware: AssembledMachine;
  readonly calendar: EventCalendar = new EventCalendar();
  readonly trace: Trace;
  readonly recorder: Recorder = new Recorder();
  readonly log: KernelLog;
  readonly random: RandomStream;
  /** The one that the first kernel crashes on and the second one boots on. */
  readonly processor: Processor;
  /** Sees every access to config space while a strategy runs. */
  configWatch: ConfigWatch | undefined;
  /** Told when the machine has come to a milestone, before anything happens that counts for it. Must not change anything. */
  onMilestone: ((milestone: Milestone) => void) | undefined;
  #stopped: MachineStopped | undefined;

  constructor(machine: Machine, options: { seed: number; mode: FabricMode; traceCapacity: number }) {
    this.machine = machine;
    this.trace = new Trace(options.traceCapacity);
    this.random = new RandomStream(options.seed);
    const last = this.processors - 1;
    this.processor = new Processor(
      last === 0 ? 0 : this.random.split('processor that crashes').nextInteger(0, last),
    );
    this.log = new KernelLog(this.calendar, this.trace);
    this.hardware = assembleMachine(machine, {
      calendar: this.calendar,
      observer: this.recorder,
      mode: options.mode,
    });
    this.recorder.clock = this.hardware.fabric;
  }

  /** How many the first kernel runs on; APIC IDs from 0. */
  get processors(): number {
    return this.machine.processors ?? 1;
  }

  get now(): Nanoseconds {
    return this.calendar.now;
  }

  get phase(): Phase {
    return this.recorder.phase;
  }

  /** What the machine stopped of, if it did. */
  get stopped(): MachineStopped | undefined {
    return this.#stopped;
  }

  beginPhase(phase: Phase): void {
    const { recorder } = this;
    this.onMilestone?.(phase);
    recorder.phase = phase;
    this.hardware.memory.ledger.beginEpoch(phase);
    this.trace.record(
      phaseKind,
      this.now,
      phases.indexOf(phase),
      recorder.dmaFaults.total,
      recorder.interruptFaults.total,
      recorder.systemErrors,
      recorder.leftoverBytes,
    );
  }

  /** Notes that the machine has stopped; takes effect at the next {@link checkStopped}. */
  stop(reason: string): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = new MachineStopped(this.phase, reason);
    this.trace.record(stopKind, this.now, phases.indexOf(this.phase), 0, 0, 0, 0, 0, reason);
  }

  /** @throws MachineStopped if the machine has stopped */
  checkStopped(): void {
    const hung = this.hardware.hierarchy.machineHung;
    if (hung !== undefined) this.stop(hung.cause);
    if (this.#stopped !== undefined) throw this.#stopped;
  }

  /** Lets hardware and calendar run for `ms` milliseconds. @throws MachineStopped */
  wait(ms: number): void {
    this.runUntil(this.now + milliseconds(ms));
  }

  /** @throws MachineStopped */
  runUntil(time: Nanoseconds): void {
    const { calendar } = this;
    const { fabric } = this.hardware;
    for (;;) {
      const next = Math.min(calendar.nextTime(), time);
      fabric.advance(next);
      this.recorder.ranUntil(next);
      calendar.runUntil(next);
      this.checkStopped();
      if (next >= time) return;
    }
  }
}
