import { type Address, INTERRUPT_WINDOW, type TranslationOutcome } from '@quiesce/simulation';

/** The request goes on with its own address. */
export function passThrough(address: Address, entry: Address, outcome: TranslationOutcome): void {
  outcome.allowed = true;
  outcome.address = address;
  outcome.validFor = 4096 - (address % 4096);
  outcome.reason = 0;
  outcome.entryAddress = entry;
  outcome.untranslated = true;
  outcome.steady = true;
}

/** The request is dropped, or completed with Unsupported Request; nothing is recorded. */
export function refuse(address: Address, entry: Address, outcome: TranslationOutcome): void {
  outcome.allowed = false;
  outcome.address = address;
  outcome.validFor = 4096 - (address % 4096);
  outcome.reason = 0;
  outcome.entryAddress = entry;
  outcome.untranslated = false;
  outcome.steady = true;
}

/** Bytes for which a translation within a block stays the same: the interrupt window is never part of it. */
export function translatedBytes(input: Address, output: Address, bytes: number): number {
  let left = bytes;
  if (input < INTERRUPT_WINDOW.start) left = Math.min(left, INTERRUPT_WINDOW.start - input);
  if (output < INTERRUPT_WINDOW.start) left = Math.min(left, INTERRUPT_WINDOW.start - output);
  return left;
}
