import type { CauseFinding, Clue, Doubt } from './clue.ts';

/** Collects what speaks for one cause and against it. */
export class CauseCase implements CauseFinding {
  readonly id: string;
  readonly clues: Clue[] = [];
  readonly doubts: Doubt[] = [];

  constructor(id: string) {
    this.id = id;
  }

  /** @param weight 0 .. 1 */
  clue(weight: number, says: string, lines: readonly number[] = []): this {
    this.clues.push({ weight, says, lines });
    return this;
  }

  /** @param weight 0 .. 1 */
  doubt(weight: number, says: string): this {
    this.doubts.push({ weight, says });
    return this;
  }
}
