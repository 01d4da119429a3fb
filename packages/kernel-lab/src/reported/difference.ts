/** Something in which a machine and what its guest reports are not equal. */
export interface Difference {
  /** What it is about: `0000:00:01.0 LINK_STATUS`, `DMAR`, `memory 0x3ffd6000..0x3fffffff`. */
  readonly at: string;
  readonly expected: string;
  readonly reported: string;
  /** Why it need not be equal, where that is known; without it the two disagree. */
  readonly reason?: string;
}

/** Those for which no reason is known. */
export function disagreements(differences: readonly Difference[]): Difference[] {
  return differences.filter((one) => one.reason === undefined);
}
