import {
  AssertionError,
  assert,
  type Nanoseconds,
  type RunningHash,
  type Snapshottable,
} from '@quiesce/simulation';
import type { EndpointEngine, EndpointPort } from '../endpoint/endpoint-engine.ts';
import type { FabricMode } from './pcie-fabric.ts';

/** A schedule that makes no progress for so many steps is an engine's mistake. */
const STEPS_AT_ONE_TIME = 100_000;

interface Entry {
  readonly index: number;
  readonly engine: EndpointEngine;
  readonly port: EndpointPort;
}

export type EngineStates = readonly (readonly [index: number, state: unknown])[];

/** Whose transaction is next: the earliest, and of equally early ones that of the lowest function index. */
export class EngineSchedule implements Snapshottable<EngineStates> {
  readonly #mode: FabricMode;
  readonly #entries: Entry[] = [];
  #times = new Float64Array(0);
  /** Time of the transaction under way. */
  now: Nanoseconds = 0;
  running = false;

  readonly #afterStep: () => boolean;

  /** `afterStep` runs after each transaction; true if it may have changed when other engines are due. */
  constructor(mode: FabricMode, afterStep: () => boolean) {
    this.#mode = mode;
    this.#afterStep = afterStep;
  }

  /** A second engine of the same function replaces the first. */
  add(index: number, engine: EndpointEngine, port: EndpointPort): void {
    assert(!this.running, 'an engine is attached while engines run');
    const known = this.#entries.findIndex((entry) => entry.index === index);
    if (known >= 0) this.#entries.splice(known, 1);
    this.#entries.push({ index, engine, port });
    this.#entries.sort((a, b) => a.index - b.index);
    this.#times = new Float64Array(this.#entries.length);
  }

  get nextTime(): Nanoseconds {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { engine } of this.#entries) earliest = Math.min(earliest, engine.nextTime);
    return earliest;
  }

  /** Makes every transaction due up to and including `until`. */
  run(until: Nanoseconds): void {
    assert(!this.running, 'engines are run from within a transaction');
    const times = this.#times;
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) times[i] = (entries[i] as Entry).engine.nextTime;
    let steps = 0;
    let before = -1;
    this.running = true;
    try {
      for (;;) {
        let first = 0;
        for (let i = 1; i < times.length; i++) if ((times[i] as number) < (times[first] as number)) first = i;
        const at = times[first] as number;
        if (!(at <= until && at < Number.POSITIVE_INFINITY)) return;
        steps = at === before ? steps + 1 : 0;
        before = at;
        const { engine, port } = entries[first] as Entry;
        if (steps >= STEPS_AT_ONE_TIME) throw new AssertionError(`the engines make no progress at ${at} ns`);
        this.now = at;
        engine.step(port, this.#mode === 'steady-steps' ? until : at);
        if (this.#afterStep())
          for (let i = 0; i < times.length; i++) times[i] = (entries[i] as Entry).engine.nextTime;
        else times[first] = engine.nextTime;
      }
    } finally {
      this.running = false;
    }
  }

  snapshot(): EngineStates {
    return this.#entries.map(({ index, engine }) => [index, engine.snapshot()] as const);
  }

  restore(states: EngineStates): void {
    for (const [index, state] of states) {
      const entry = this.#entries.find((one) => one.index === index);
      assert(entry !== undefined, `no engine is attached to function ${index}`);
      entry.engine.restore(state);
    }
  }

  hashInto(hash: RunningHash): void {
    for (const { index, engine } of this.#entries) {
      hash.word(index);
      engine.hashInto(hash);
    }
  }
}
