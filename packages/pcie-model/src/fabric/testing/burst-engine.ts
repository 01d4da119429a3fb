import { type Nanoseconds, PAGE_SIZE, type ResetKind, type RunningHash } from '@quiesce/simulation';
import { defaultTraits, type EndpointDescription } from '../../endpoint/endpoint-description.ts';
import type { EndpointEngine, EndpointPort } from '../../endpoint/endpoint-engine.ts';

export interface BurstPlan {
  readonly start: Nanoseconds;
  readonly period: Nanoseconds;
  /** Bytes; divides a page. */
  readonly burst: number;
  /** I/O address of the first page, and how many pages it goes through for ever. */
  readonly base: number;
  readonly pages: number;
  readonly write: boolean;
  /** At the start of each page: reads a dword there. */
  readonly readsDescriptor?: boolean;
  /** At the end of the last page. */
  readonly interrupts?: boolean;
}

type State = { next: Nanoseconds; position: number; made: number; refused: number; sum: number; on: boolean };

/** The smallest engine that streams: one burst a period, through its pages and round again. */
export class BurstEngine implements EndpointEngine {
  readonly description: EndpointDescription = {
    kind: 'idle',
    traits: defaultTraits,
    workload: { ratePerSecond: 0, bytesPerUnit: 0, burstBytes: 0, direction: 'to-memory' },
  };
  readonly plan: BurstPlan;
  readonly resets: string[] = [];
  readonly busMaster: boolean[] = [];
  state: State;
  registers: number[] = [];

  constructor(plan: BurstPlan) {
    this.plan = plan;
    this.state = { next: plan.start, position: 0, made: 0, refused: 0, sum: 0, on: true };
  }

  get nextTime(): Nanoseconds {
    return this.state.on ? this.state.next : Number.POSITIVE_INFINITY;
  }

  step(port: EndpointPort, horizon: Nanoseconds): void {
    const { plan, state } = this;
    if (plan.readsDescriptor === true && state.position % PAGE_SIZE === 0) {
      if (port.readDword(plan.base + state.position) === 0) state.sum = (state.sum + port.dword) >>> 0;
    }
    this.#transfer(port, 1);
    const inPage = PAGE_SIZE - (state.position % PAGE_SIZE || PAGE_SIZE);
    const inTime = Math.ceil((horizon - state.next) / plan.period);
    const inAnswer = port.steady ? Math.floor(port.validFor / plan.burst) - 1 : 0;
    const more = Math.min(Math.floor(inPage / plan.burst), inTime, inAnswer);
    if (more > 0) this.#transfer(port, more);
  }

  #transfer(port: EndpointPort, repeat: number): void {
    const { plan, state } = this;
    const from = plan.base + state.position;
    const status = plan.write
      ? port.writeData(from, plan.burst, repeat)
      : port.readData(from, plan.burst, repeat);
    if (status !== 0) state.refused += repeat;
    state.made += repeat;
    state.position += plan.burst * repeat;
    state.next += plan.period * repeat;
    if (state.position < plan.pages * PAGE_SIZE) return;
    state.position = 0;
    if (plan.interrupts === true) port.interrupt(0);
  }

  readRegister(bar: number, offset: number): number {
    return bar === 0 ? (this.registers[offset >>> 2] ?? 0) : 0xffff_ffff;
  }

  writeRegister(_bar: number, offset: number, _size: number, value: number): void {
    this.registers[offset >>> 2] = value;
  }

  busMasterChanged(enabled: boolean): void {
    this.busMaster.push(enabled);
  }

  reset(kind: ResetKind): void {
    this.resets.push(kind);
    this.state.on = false;
  }

  transactionsPending(): boolean {
    return false;
  }

  snapshot(): State {
    return { ...this.state };
  }

  restore(state: unknown): void {
    this.state = { ...(state as State) };
  }

  hashInto(hash: RunningHash): void {
    const { next, position, made, refused, sum } = this.state;
    for (const value of [next, position, made, refused, sum]) hash.number(value);
  }
}
