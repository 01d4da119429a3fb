import { Budget, type StrategyLimits } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import {
  type HookContext,
  type HookName,
  type RemappingUnitHandle,
  restrictContext,
  type Strategy,
} from '@quiesce/strategy';
import type { HookSituation } from '../hook-situation.ts';
import {
  type DraftReport,
  finished,
  newDraft,
  noteFailure,
  type ProcessReport,
  phaseOf,
} from './draft-report.ts';
import { servicesFor } from './hook-services.ts';
import { OwnPages } from './own-pages.ts';
import type { SynchronousGuest } from './synchronous-guest.ts';
import { type KnownUnits, knownUnits } from './unit-handles.ts';
import { UnitInvalidation } from './unit-invalidation.ts';

// biome-ignore lint/suspicious/noExplicitAny: options and contexts of any hook
type Any = any;
type Body = (ctx: Any) => unknown;

interface PutOff {
  readonly hook: HookName;
  /** What its hook was told of, it is told of again. */
  readonly situation: HookSituation;
  readonly work: Body;
}

/** What a strategy is run with. */
export interface RunnerSetup {
  readonly strategy: Strategy<Any>;
  /** As the plugin's schema resolved them. */
  readonly options: unknown;
  readonly commandLine: ReadonlySet<string>;
  readonly machine: Machine;
  readonly limits: StrategyLimits;
  readonly guest: SynchronousGuest;
  /** A line into the log, at once. */
  readonly line: (text: string) => void;
}

/** Runs one strategy's hooks against a guest, gives each the services of its phase, and takes its failures. */
export class HookRunner {
  readonly #setup: RunnerSetup;
  readonly #budget: Budget;
  readonly #known: KnownUnits;
  readonly #invalidations = new Map<string, UnitInvalidation>();
  readonly #putOff = new Map<number, PutOff>();
  #lastId = 0;
  #pages: OwnPages | undefined;
  #draft: DraftReport = newDraft('crash');

  constructor(setup: RunnerSetup) {
    this.#setup = setup;
    this.#budget = new Budget(setup.limits);
    this.#known = knownUnits(setup.machine, setup.guest, () => {
      this.#draft.accesses.registers++;
      // The model does not count these, but here a loop over them must end, too.
      this.#budget.access(phaseOf(this.#draft.hook));
    });
  }

  /** @throws UserError `LAB_DEVICE` if the situation names what the guest does not have */
  run(hook: HookName, situation: HookSituation): ProcessReport {
    const { strategy } = this.#setup;
    if (!hook.startsWith('initcall:')) {
      const method = (strategy as Any)[hook];
      return this.#run(hook, situation, [(ctx) => method.call(strategy, ctx)]);
    }
    const level = hook.slice('initcall:'.length);
    const initcalls = (strategy.initcalls ?? []).filter((one) => one.level === level);
    const bodies = initcalls.map((initcall) => (ctx: Any) => {
      this.#setup.line(`calling  ${initcall.name}+0x0/0x0 @ 1`);
      return initcall.run(ctx);
    });
    return this.#run(hook, situation, bodies);
  }

  /**
   * Runs what a hook has put off, once.
   * @throws UserError `LAB_WORK` if there is no such work
   */
  runScheduled(id: number, situation: HookSituation): ProcessReport {
    const putOff = this.#putOff.get(id);
    if (putOff === undefined) throw new UserError('LAB_WORK', `no work ${id} was put off`);
    this.#putOff.delete(id);
    return this.#run(putOff.hook, { ...putOff.situation, ...situation }, [putOff.work]);
  }

  #run(hook: HookName, situation: HookSituation, bodies: readonly Body[]): ProcessReport {
    const draft = newDraft(hook);
    this.#draft = draft;
    this.#pages ??= new OwnPages(situation.memory);
    const before = { waitedMs: this.#budget.waitedMs, bytes: this.#pages.bytes };
    const services = servicesFor(
      {
        ...this.#setup,
        budget: this.#budget,
        pages: this.#pages,
        known: this.#known,
        invalidationOf: (unit) => this.#invalidationOf(unit),
        schedule: (ms, work) => this.#schedule(draft, situation, ms, work),
      },
      draft,
      situation,
    );
    try {
      for (const body of bodies) {
        const ctx = restrictContext(hook, services as HookContext<HookName>, (one) =>
          draft.violations.push(one),
        );
        const returned = body(ctx);
        // A hook must be synchronous; one that is not must not fail behind everybody's back.
        if (returned instanceof Promise) returned.catch(() => {});
      }
    } catch (error) {
      noteFailure(draft, error);
    }
    draft.waitedMs = this.#budget.waitedMs - before.waitedMs;
    draft.allocatedBytes = this.#pages.bytes - before.bytes;
    return finished(draft);
  }

  #schedule(draft: DraftReport, situation: HookSituation, ms: number, work: Body): void {
    const phase = phaseOf(draft.hook);
    this.#budget.access(phase);
    // A time that is no number is refused as a wait would be.
    if (!(ms >= 0)) this.#budget.wait(phase, ms);
    const id = ++this.#lastId;
    this.#putOff.set(id, { hook: draft.hook, situation, work });
    draft.scheduled.push({ id, ms });
  }

  #invalidationOf(unit: RemappingUnitHandle): UnitInvalidation {
    const known = this.#invalidations.get(unit.name);
    if (known !== undefined) return known;
    const made = new UnitInvalidation(unit, this.#setup.guest, () => this.#pages as OwnPages);
    this.#invalidations.set(unit.name, made);
    return made;
  }
}
