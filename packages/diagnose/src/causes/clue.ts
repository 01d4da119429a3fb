/** Something in the log, or in the capture, that speaks for a cause. */
export interface Clue {
  /** 0 .. 1: how far it goes alone towards the cause; clues combine as independent evidence. */
  readonly weight: number;
  /** Lines of the log, bounded; empty for what the capture says. */
  readonly lines: readonly number[];
  /** What was seen, as a sentence without its full stop. */
  readonly says: string;
}

/** What speaks against a cause. */
export interface Doubt {
  /** 0 .. 1: the share of the fit that it takes away. */
  readonly weight: number;
  readonly says: string;
}

/** What a search for one cause came to. */
export interface CauseFinding {
  /** Row of causes.json. */
  readonly id: string;
  readonly clues: readonly Clue[];
  readonly doubts: readonly Doubt[];
}

/**
 * 0 .. 1, two decimals: what is left unexplained by no clue shrinks with each clue, and each doubt takes its share of the
 * rest. Not a probability.
 */
export function fitOf({ clues, doubts }: Pick<CauseFinding, 'clues' | 'doubts'>): number {
  let missing = 1;
  for (const one of clues) missing *= 1 - one.weight;
  let fit = 1 - missing;
  for (const one of doubts) fit *= 1 - one.weight;
  return Math.round(fit * 100) / 100;
}
