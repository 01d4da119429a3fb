import type { RegisterLayout } from '@quiesce/simulation';
import { accessControlServices } from './access-control.ts';
import { advancedErrorReporting } from './advanced-error-reporting.ts';
import { type AbsentBits, hardwiredBits } from './hardwired-bits.ts';

/** Overlays for what a capability at `at` says that its function lacks: none, or one. */
type Absence = (bytes: Uint8Array, at: number) => readonly RegisterLayout[];

/** Each service's enable is hardwired to 0 where the service is not implemented (PCIe 7.7.11.3). */
export const absentServices: Absence = (bytes, at) => {
  const services = bytes[at + 4] ?? 0;
  return overlay(
    accessControlServices,
    'CONTROL',
    [0, 1, 2, 3, 4, 5, 6].filter((bit) => (services & (1 << bit)) === 0),
  );
};

/** ECRC and multiple header recording: each enable stands behind its capability bit (PCIe 7.8.4.7). */
export const absentErrorFeatures: Absence = (bytes, at) => {
  const control = (bytes[at + 0x18] ?? 0) | ((bytes[at + 0x19] ?? 0) << 8);
  return overlay(
    advancedErrorReporting,
    'CONTROL',
    [6, 8, 10].filter((enable) => (control & (1 << (enable - 1))) === 0),
  );
};

/** Mask bits stand for the messages that the function can send, 1 to 32 (PCIe 7.7.1.7). */
export function absentMessages(masks: RegisterLayout, control: number): readonly RegisterLayout[] {
  const messages = 1 << Math.min(5, (control >>> 1) & 7);
  if (messages === 32) return [];
  return [hardwiredBits(masks, [{ register: 'MASK', high: 31, low: messages }])];
}

function overlay(
  layout: RegisterLayout,
  register: string,
  bits: readonly number[],
): readonly RegisterLayout[] {
  if (bits.length === 0) return [];
  const absent = bits.map((bit): AbsentBits => ({ register, high: bit, low: bit }));
  return [hardwiredBits(layout, absent)];
}
