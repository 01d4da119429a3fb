import type { RunningHash } from './running-hash.ts';

/** State that can be cloned, restored and hashed. `State` is plain data: a structured clone of it is equal to it. */
export interface Snapshottable<State> {
  /** A copy that later changes of the owner do not touch. */
  snapshot(): State;
  /** Takes over a copy of `state`. */
  restore(state: State): void;
  /** Mixes the state into `hash`, in an order that depends on the state alone. */
  hashInto(hash: RunningHash): void;
}

/** Puts several owners of state together under names. */
export class StateSet implements Snapshottable<Record<string, unknown>> {
  readonly #members = new Map<string, Snapshottable<never>>();

  /** Throws nothing; a second member of the same name replaces the first. */
  add<State>(name: string, member: Snapshottable<State>): void {
    this.#members.set(name, member as unknown as Snapshottable<never>);
  }

  snapshot(): Record<string, unknown> {
    const state: Record<string, unknown> = {};
    for (const [name, member] of this.#members) state[name] = member.snapshot();
    return state;
  }

  restore(state: Record<string, unknown>): void {
    for (const [name, member] of this.#members) member.restore(state[name] as never);
  }

  hashInto(hash: RunningHash): void {
    for (const [name, member] of this.#members) {
      hash.text(name);
      member.hashInto(hash);
    }
  }
}
