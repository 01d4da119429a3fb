import type { PcieCase } from './case.ts';
import entries from './corpus.json' with { type: 'json' };

/** A fixed sequence of cases, played one after another from a fresh start. */
export interface CorpusEntry {
  /** What it shows, e.g. a disagreement of the past. */
  readonly name: string;
  readonly cases: readonly PcieCase[];
}

/** Cases that are always compared: disagreements of the past, and corners that chance seldom meets. */
export const corpus: readonly CorpusEntry[] = entries as readonly CorpusEntry[];
