import type { RegisterFile } from '@quiesce/simulation';

/** A byte after a reset: the bits of `keep` as captured, the others 0. */
interface ByteAfterReset {
  readonly offset: number;
  readonly keep: number;
}

/** Status of the common header: Interrupt Status goes, what the function can do stays. */
export const headerHardwareState: readonly ByteAfterReset[] = [{ offset: 0x06, keep: 0xf7 }];

/** Device Status: only AUX Power Detected stays. */
export const expressHardwareState: readonly ByteAfterReset[] = [{ offset: 0x0a, keep: 0x10 }];

/** First Error Pointer (beside two capability bits) and the header log. */
export const errorHardwareState: readonly ByteAfterReset[] = [
  { offset: 0x18, keep: 0xa0 },
  ...zeros(0x1c, 16),
];

/** Error Source Identification of a root port. */
export const rootErrorHardwareState: readonly ByteAfterReset[] = zeros(0x34, 4);

/** Status and Error Source ID of Downstream Port Containment. */
export const containmentHardwareState: readonly ByteAfterReset[] = zeros(0x08, 4);

function zeros(offset: number, count: number): readonly ByteAfterReset[] {
  return Array.from({ length: count }, (_, i) => ({ offset: offset + i, keep: 0 }));
}

/**
 * Fields that only hardware writes are read-only, so that a reset would bring their captured value back. This makes
 * it 0 instead.
 */
export function forgetHardwareState(
  file: RegisterFile,
  captured: Uint8Array,
  base: number,
  bytes: readonly ByteAfterReset[],
): void {
  for (const { offset, keep } of bytes) {
    const at = base + offset;
    if (at < file.size) file.setResetValue(at, (captured[at] as number) & keep);
  }
}
