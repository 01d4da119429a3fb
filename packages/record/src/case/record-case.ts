import type { MemoryOwner } from '@quiesce/simulation';

/** Which functions of a machine a change is about: names, all, or those of a kind of endpoint. */
export type FunctionSelection = 'all' | readonly string[] | { readonly kind: string };

/** A range of memory gets another owner; it lies within one region of the machine. */
export interface MemoryChange {
  /** Hexadecimal, e.g. `0x10000000`. */
  readonly start: string;
  /** Exclusive. */
  readonly end: string;
  readonly owner: MemoryOwner;
}

/**
 * One change of a machine. Without `functions` and `units` it is about the machine itself. `set` is a JSON merge patch
 * (RFC 7396); `config` writes bytes of config space; `remove` takes functions away; `memory` gives a range to another owner.
 */
export interface MachineChange {
  readonly functions?: FunctionSelection;
  readonly units?: readonly string[];
  readonly set?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, string>>;
  readonly remove?: true;
  readonly memory?: MemoryChange;
}

/** A machine: a preset, and what is different. */
export interface CaseMachine {
  readonly preset: string;
  readonly changes?: readonly MachineChange[];
}

/** A kernel profile by name, or one with fields of its own (a JSON merge patch). */
export type CaseKernel =
  | string
  | { readonly profile: string; readonly set: Readonly<Record<string, unknown>> };

/** In which part of the runs a statement holds; `times` of `of` as a report counted. */
export type Share = 'always' | 'never' | 'sometimes' | { readonly times: number; readonly of: number };

/** A value that a statement compares with. */
export type Scalar = string | number | boolean | null;

/** One thing that was observed, as a property of the outcome or of the log. */
export interface Statement {
  /** In the reporter's terms. */
  readonly says: string;
  /** JSON pointer into the outcome; `*` stands for every key. */
  readonly path?: string;
  /** Regular expression over the lines of both kernels' logs. */
  readonly log?: string;
  /** The number at `path` is divided by the one at this pointer. */
  readonly per?: string;
  readonly is?: Scalar;
  readonly oneOf?: readonly Scalar[];
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly matches?: string;
  readonly length?: number;
  readonly keys?: readonly string[];
  readonly hasKeys?: readonly string[];
  readonly withoutKeys?: readonly string[];
  /** The value is none of those at this pointer. */
  readonly notAmong?: string;
  readonly absent?: true;
  /** Default `always`. */
  readonly share?: Share;
}

/** What is taken away from a case. */
export interface CaseChange {
  readonly machine?: readonly MachineChange[];
  readonly firstKernel?: { readonly profile?: string; readonly set?: Readonly<Record<string, unknown>> };
  readonly secondKernel?: { readonly profile?: string; readonly set?: Readonly<Record<string, unknown>> };
  readonly strategy?: { readonly name?: string; readonly options?: Readonly<Record<string, unknown>> };
  readonly commandLine?: readonly string[];
}

/** The one cause of a case's outcome, and what happens without it. */
export interface Counterfactual {
  readonly cause: string;
  readonly change: CaseChange;
  /** Default: as many as the case, at most 100. */
  readonly seeds?: number;
  readonly instead: readonly Statement[];
}

/** Where a case comes from. */
export interface CaseSource {
  /** Document, commit or mail. */
  readonly where: string;
  readonly by?: string;
  readonly date?: string;
}

/** `reported`: somebody wrote it down; `measured`: on a real kernel, for this project; `prediction`: nobody tried. */
export type Standing = 'reported' | 'measured' | 'prediction';

/** One case of the record, as its file holds it (`@quiesce/record/case.schema.json`). */
export interface RecordCase {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly date: string;
  readonly standing: Standing;
  /** Why its cause is not known. */
  readonly unexplained?: string;
  readonly sources: readonly CaseSource[];
  readonly reported: string;
  readonly reading?: string;
  readonly machine: CaseMachine;
  /** Default: the one that goes with the second kernel. */
  readonly firstKernel?: CaseKernel;
  readonly secondKernel: CaseKernel;
  readonly strategy: { readonly name: string; readonly options?: Readonly<Record<string, unknown>> };
  /** Why it would come out the same if nothing were done; a case that does not say so must not. */
  readonly withoutStrategy?: string;
  readonly commandLine?: readonly string[];
  /** Default 4. */
  readonly seeds?: number;
  readonly observed: readonly Statement[];
  readonly counterfactual?: Counterfactual;
}
