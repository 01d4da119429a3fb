import type { RandomStream } from '@quiesce/simulation';
import {
  type ByteMutation,
  cutEnd,
  dropRange,
  flipBytes,
  lieInField,
  repeatRange,
  spliceWith,
} from './mutate-bytes.ts';
import { mutateLines } from './mutate-lines.ts';

const byteMutations: readonly ByteMutation[] = [flipBytes, cutEnd, dropRange, repeatRange];

/** No mutation makes more of an input than this. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * An input with one to five kinds of damage.
 * @param text lines may be moved, wrapped, quoted; otherwise fields may lie
 * @param others inputs that parts may come from
 */
export function mutate(
  input: Uint8Array,
  { text, others, random }: { text: boolean; others: readonly Uint8Array[]; random: RandomStream },
): Uint8Array {
  let bytes = input;
  for (let left = random.nextInteger(1, 5); left > 0 && bytes.length < MOST_BYTES; left--) {
    if (random.nextBoolean(0.03) && others.length > 0) {
      bytes = spliceWith(others[random.nextInteger(0, others.length - 1)] as Uint8Array)(bytes, random);
    } else if (random.nextBoolean(text ? 0.65 : 0.5)) {
      bytes = text ? linesOf(bytes, random) : lieInField(bytes, random);
    } else {
      bytes = (byteMutations[random.nextInteger(0, byteMutations.length - 1)] as ByteMutation)(bytes, random);
    }
  }
  return bytes;
}

function linesOf(bytes: Uint8Array, random: RandomStream): Uint8Array {
  return new TextEncoder().encode(mutateLines(new TextDecoder().decode(bytes), random));
}
