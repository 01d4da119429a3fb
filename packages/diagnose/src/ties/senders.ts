import type { RequesterTie } from '../diagnosis.ts';

/** Who may have sent under a requester ID, and how that is known. */
export interface Sender {
  readonly how: RequesterTie['how'];
  readonly functions: readonly string[];
  readonly explanation: string;
  /** Where there are no functions: those that could be behind it. */
  readonly candidates?: readonly string[];
}

/** `a, b and 3 others`: no list grows beyond what a line holds. */
export function fewOf(names: readonly string[], most = 6): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} others`;
}
