import { type LabPhase, labPhases } from '../account/account.ts';

/** When each phase of a run began, on the host's clock. */
export class PhaseTimeline {
  readonly #began: { readonly phase: LabPhase; readonly at: number }[] = [];

  /** Phases come in their order; one that has begun does not begin again. */
  begin(phase: LabPhase, at: number = Date.now()): void {
    if (this.has(phase)) return;
    this.#began.push({ phase, at });
  }

  has(phase: LabPhase): boolean {
    return this.#began.some((one) => one.phase === phase);
  }

  /** The last phase that has begun; `crash` before any. */
  get reached(): LabPhase {
    const ranks = this.#began.map(({ phase }) => labPhases.indexOf(phase));
    return labPhases[Math.max(0, ...ranks)] as LabPhase;
  }

  get phases(): readonly LabPhase[] {
    return this.#began.map(({ phase }) => phase);
  }

  /** The phase of a moment; undefined before the first. */
  at(time: number): LabPhase | undefined {
    return this.#began.findLast(({ at }) => at <= time)?.phase;
  }

  /** Host's clock at a phase's begin; undefined if it has not begun. */
  timeOf(phase: LabPhase): number | undefined {
    return this.#began.find((one) => one.phase === phase)?.at;
  }
}
