import {
  type Address,
  type DmaRequest,
  INTERRUPT_WINDOW,
  type TranslationOutcome,
} from '@quiesce/simulation';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';

/** The request goes on with its own address. */
export function passThrough(address: Address, outcome: TranslationOutcome): void {
  outcome.allowed = true;
  outcome.address = address;
  outcome.validFor = 4096 - (address & 0xfff);
  outcome.reason = 0;
  outcome.entryAddress = 0;
  outcome.untranslated = true;
  outcome.steady = true;
}

/** The request is dropped, or completed with Unsupported Request; nothing is recorded. */
export function refuse(address: Address, outcome: TranslationOutcome): void {
  outcome.allowed = false;
  outcome.address = address;
  outcome.validFor = 4096 - (address & 0xfff);
  outcome.reason = 0;
  outcome.entryAddress = 0;
  outcome.untranslated = false;
  outcome.steady = true;
}

/**
 * The request is refused and, unless `disabled` (FPD), recorded.
 * `changed`: on the way to the fault something was put into a cache.
 */
export function fault(
  recorder: FaultRecorder,
  request: DmaRequest,
  outcome: TranslationOutcome,
  reason: number,
  entryAddress: Address,
  disabled: boolean,
  changed: boolean,
  pageRequest = false,
): void {
  refuse(request.address, outcome);
  outcome.reason = reason;
  outcome.entryAddress = entryAddress;
  outcome.steady = !changed && (disabled || recorder.saturated);
  const info = recorder.info;
  info.reason = reason;
  info.sourceId = request.requesterId;
  info.address = request.address - (request.address & 0xfff);
  info.index = -1;
  info.read = !request.write;
  info.pasid = request.pasid;
  info.privileged = request.privileged;
  info.execute = request.execute;
  info.addressType = request.addressType;
  info.pageRequest = pageRequest;
  recorder.record(disabled);
}

/** Bytes for which a translation within a superpage stays the same: the interrupt window is never part of it. */
export function translatedBytes(input: Address, output: Address, bytes: number): number {
  let left = bytes;
  if (input < INTERRUPT_WINDOW.start) left = Math.min(left, INTERRUPT_WINDOW.start - input);
  if (output < INTERRUPT_WINDOW.start) left = Math.min(left, INTERRUPT_WINDOW.start - output);
  return left;
}
