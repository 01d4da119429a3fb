import type { Evidence } from '@quiesce/report';
import type { CrashSetup } from '../simulation/experiment.ts';

/** What a piece of advice changes, the least effort first. */
export const adviceKinds = ['setting', 'parameter', 'driver', 'dump-target', 'kernel', 'patch'] as const;

/** One of {@link adviceKinds}; `setting` is about kdump itself, `patch` needs a kernel of one's own. */
export type AdviceKind = (typeof adviceKinds)[number];

/** Something that could be changed, to be tried in simulated crashes. */
export interface Candidate {
  readonly id: string;
  readonly kind: AdviceKind;
  readonly title: string;
  /** The title without names of this machine, where it has some. */
  readonly topic?: string;
  readonly text: string;
  /** To be copied, one a line. */
  readonly commands: readonly string[];
  readonly evidence: readonly Evidence[];
  /** In how many places something is changed: between two of a kind that are worth the same, fewer go first. Default 1. */
  readonly effort?: number;
  /** What else it costs, which no simulation shows. */
  readonly costs?: string;
  change(setup: CrashSetup): CrashSetup;
}
