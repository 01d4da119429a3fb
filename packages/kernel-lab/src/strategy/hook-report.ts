import type { HookName, Phase, StrategyViolation } from '@quiesce/strategy';

/** Why a hook did not come to its end. */
export interface HookFailure {
  /**
   * As in the model: the code of a violation, or `THREW`. And what can befall a process: `TIME_LIMIT` it never returns,
   * `OUT_OF_MEMORY`, `EXITED` it ended itself, `ASYNC` something failed outside of any hook.
   */
  readonly code: string;
  readonly message: string;
  readonly phase: Phase;
}

/** Accesses that a strategy made, each as it reached the hardware. */
export interface AccessCounts {
  /** Config space, either way. */
  readonly config: number;
  /** Registers of remapping units, dwords. */
  readonly registers: number;
  /** Memory, dwords. */
  readonly memory: number;
}

/** Work that a hook put off (`ctx.schedule`). */
export interface ScheduledWork {
  /** For {@link StrategyWorker.runScheduled}. */
  readonly id: number;
  /** Guest time after which it wants to run. */
  readonly ms: number;
}

/** What came of one hook at one stop. */
export interface HookReport {
  readonly hook: HookName;
  /** What it wrote into the kernel's log, in order. */
  readonly lines: readonly string[];
  readonly accesses: AccessCounts;
  /** Guest time that it waited (`ctx.delay`). */
  readonly waitedMs: number;
  /** Bytes that it allocated. */
  readonly allocatedBytes: number;
  readonly failure: HookFailure | null;
  /** Every violation, those that the plugin caught itself included. */
  readonly violations: readonly Pick<StrategyViolation, 'code' | 'phase' | 'message'>[];
  /** Services whose half in the kernel's own driver a real kernel does not offer: only the hardware's half was done. */
  readonly notOffered: readonly string[];
  /** It had the kernel do its own initialisation; where it has not, the kernel does it when it goes on. */
  readonly ranKernel: boolean;
  readonly scheduled: readonly ScheduledWork[];
}

/** A report of a hook that did nothing, to start from. */
export function emptyReport(hook: HookName): HookReport {
  return {
    hook,
    lines: [],
    accesses: { config: 0, registers: 0, memory: 0 },
    waitedMs: 0,
    allocatedBytes: 0,
    failure: null,
    violations: [],
    notOffered: [],
    ranKernel: false,
    scheduled: [],
  };
}
