import type { FunctionMasks } from './function-masks.ts';
import type { Expectation } from './paired-access.ts';
import { place } from './paired-access.ts';

/** What QEMU answered other than the model, and no deviation explains. */
export interface Difference {
  /** Position among the commands. */
  readonly index: number;
  readonly summary: string;
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/**
 * Compares the answers of QEMU, one line for each expectation. Gives every difference, and calls `met` for each listed
 * deviation that shows in a whole config space.
 */
export function compareAnswers(
  answers: Buffer,
  expectations: readonly (Expectation | undefined)[],
  masks: readonly FunctionMasks[],
  met: (deviation: string) => void,
): Difference[] {
  const differences: Difference[] = [];
  let at = 0;
  for (const [index, expectation] of expectations.entries()) {
    const end = answers.indexOf(10, at);
    const line = answers.toString('latin1', at, end < 0 ? answers.length : end);
    at = end + 1;
    if (!line.startsWith('OK')) throw new Error(`QEMU refuses command ${index}: ${line}`);
    if (expectation === undefined) continue;
    const summary =
      expectation.kind === 'value'
        ? compareValue(Number.parseInt(line.slice(5), 16), expectation)
        : compareImage(line.slice(3), expectation, masks, met);
    if (summary !== undefined) differences.push({ index, summary });
  }
  return differences;
}

function compareValue(
  answer: number,
  { expected, uncompared, what }: Extract<Expectation, { kind: 'value' }>,
): string | undefined {
  if (((answer ^ expected) & ~uncompared) === 0) return undefined;
  return `${what}: model ${hex(expected)}, QEMU ${hex(answer)}`;
}

function compareImage(
  base64: string,
  { expected, fn }: Extract<Expectation, { kind: 'image' }>,
  masks: readonly FunctionMasks[],
  met: (deviation: string) => void,
): string | undefined {
  const answer = Buffer.from(base64, 'base64');
  if (answer.equals(expected)) return undefined;
  const mask = masks[fn.index] as FunctionMasks;
  const shown = new Set<string>();
  for (let offset = 0; offset < expected.length; offset++) {
    const differing = (answer[offset] as number) ^ (expected[offset] as number);
    if (differing === 0) continue;
    if ((differing & ~(mask.uncompared[offset] as number)) !== 0) {
      const where = place(fn.description.bus, fn.devfn, offset);
      return `${fn.kind} ${where}: model ${hex(expected[offset] as number)}, QEMU ${hex(answer[offset] as number)}`;
    }
    for (const { id } of mask.deviationsAt(offset, differing)) shown.add(id);
  }
  for (const id of shown) met(id);
  return undefined;
}
