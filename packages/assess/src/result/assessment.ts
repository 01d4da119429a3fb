import type { ImportNote, RemappingPlatform } from '@quiesce/machine';
import type { Evidence, Finding, Severity } from '@quiesce/report';
import type { AdviceKind } from '../advice/candidate.ts';
import type { Gain } from '../advice/gain.ts';
import type { DumpPath } from '../dump-path/resolve-dump-path.ts';
import type { FunctionFinding } from '../functions/function-findings.ts';
import type { KernelDefect } from '../kernels/known-defects.ts';
import type { StoryMark, StoryPhase } from '../simulation/crash-story.ts';
import type { FunctionTally } from '../simulation/requester-tally.ts';
import type { Tally } from '../simulation/tally.ts';

/** A setup that was simulated under every workload. */
export interface Standing {
  /** `now`, or name of a strategy or kernel profile. */
  readonly name: string;
  readonly description: string;
  readonly tally: Tally;
  readonly byWorkload: readonly { readonly workload: string; readonly tally: Tally }[];
  /** Against what the machine does now; undefined for that itself. */
  readonly gain?: Gain;
}

/** A kernel profile on this machine, with nothing done against leftover DMA. */
export interface KernelStanding extends Standing {
  /** Versions that it stands for; `before` is exclusive, `9999` has no end. */
  readonly versions: readonly { readonly from: string; readonly before: string }[];
  /** Worse on this machine than the best of them. */
  readonly avoid: boolean;
  readonly why: string;
}

/** A piece of advice, with what it is worth. */
export interface Advice {
  readonly kind: AdviceKind;
  readonly title: string;
  /** The title without names of this machine, where it has some: what advice of a fleet has in common. */
  readonly topic?: string;
  readonly text: string;
  readonly costs?: string;
  readonly commands: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly severity: Severity;
  /** What simulated crashes say; undefined for advice that follows from a rule and was not simulated. */
  readonly measured?: { readonly tally: Tally; readonly gain: Gain };
}

/** The crash kernel as it is simulated. */
export interface AssessedKernel {
  /** As the capture names it. */
  readonly release?: string;
  readonly profile: string;
  readonly match: 'exact' | 'near' | 'assumed';
  readonly reasons: readonly string[];
  /** What parameters of both kernels were taken into account. */
  readonly effects: readonly string[];
  readonly defects: readonly KernelDefect[];
}

/** One simulated crash for a time line. */
export interface AssessedStory {
  readonly workload: string;
  readonly seed: number;
  readonly phases: readonly StoryPhase[];
  readonly marks: readonly StoryMark[];
  readonly dump: 'saved' | 'altered' | 'lost';
  readonly stopped: string | null;
}

/** A function with what it did in simulated crashes as things are now. */
export interface AssessedFunction extends FunctionFinding {
  readonly inCrashes?: FunctionTally;
}

/** What a machine would do after a crash: `schema/assessment.schema.json`. */
export interface Assessment {
  readonly schema: 'quiesce/assessment/1';
  readonly name: string;
  readonly severity: Severity;
  /** The answer in a sentence or two. */
  readonly summary: string;
  readonly platform: {
    readonly kind: RemappingPlatform;
    readonly severity: Severity;
    readonly text: string;
    readonly evidence: readonly Evidence[];
  };
  readonly machine: {
    readonly functions: number;
    readonly masters: number;
    readonly units: readonly string[];
    readonly dumpTarget: string | null;
    /** How kdump's destination leads to it; null where no source says anything of it. */
    readonly dumpPath: DumpPath | null;
    readonly translation: {
      readonly state: 'on' | 'off' | 'unknown';
      readonly evidence: readonly Evidence[];
    };
  };
  readonly kernel: AssessedKernel | null;
  readonly workloads: readonly { readonly name: string; readonly description: string }[];
  readonly seeds: number;
  /** What happens as things are; null if nothing could be simulated. */
  readonly now: Standing | null;
  readonly functions: readonly AssessedFunction[];
  /** In order of gain. */
  readonly advice: readonly Advice[];
  /** Several pieces of advice followed at once; null if there are not two to be followed. */
  readonly together: {
    readonly titles: readonly string[];
    readonly tally: Tally;
    readonly gain: Gain;
  } | null;
  /** What was tried and is worse than now. */
  readonly worse: readonly { readonly title: string; readonly gain: Gain }[];
  readonly atRisk: readonly Finding[];
  /** What a linter makes of the crash kernel's command line. */
  readonly commandLine: { readonly text: string | null; readonly findings: readonly Finding[] };
  readonly strategies: readonly Standing[];
  readonly kernels: readonly KernelStanding[];
  readonly story: AssessedStory | null;
  /** What could not be simulated, and what was assumed. */
  readonly limits: readonly string[];
  readonly conflicts: readonly string[];
  readonly notes: readonly ImportNote[];
}
