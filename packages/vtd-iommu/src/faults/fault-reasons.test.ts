import { describe, expect, it } from 'vitest';
import { faultReasonNumber, faultReasonText } from './fault-log-text.ts';
import { faultReason, faultReasons } from './fault-reasons.ts';

describe('the catalogue of fault reasons', () => {
  it('has each code once, in order', () => {
    const codes = faultReasons.map((reason) => reason.code);
    expect(codes).toEqual([...new Set(codes)].sort((a, b) => a - b));
    for (const code of codes) expect(faultReason(code)?.code).toBe(code);
  });

  it('knows every code of the three classes', () => {
    const range = (from: number, to: number): number[] =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const ofClass = (name: string): number[] =>
      faultReasons.filter((reason) => reason.class === name).map((reason) => reason.code);
    expect(ofClass('dma-legacy')).toEqual(range(0x01, 0x0e));
    expect(ofClass('interrupt')).toEqual(range(0x20, 0x28));
    expect(ofClass('dma-scalable')).toEqual([
      ...range(0x30, 0x32),
      ...range(0x38, 0x3a),
      ...range(0x40, 0x48),
      ...range(0x50, 0x52),
      ...range(0x58, 0x5d),
      ...range(0x70, 0x7c),
      ...range(0x80, 0x87),
      ...range(0x90, 0x91),
    ]);
    expect(faultReason(0x33)).toBeUndefined();
    expect(faultReason(0x00)).toBeUndefined();
    expect(faultReason(0x100)).toBeUndefined();
  });

  it('lets Fault Processing Disable suppress only what was found after an entry that has the bit', () => {
    for (const code of [0x01, 0x08, 0x09, 0x0a, 0x20, 0x21, 0x23, 0x25, 0x30, 0x39]) {
      expect(faultReason(code)?.qualified, `0x${code.toString(16)}`).toBe(false);
    }
    for (const code of [0x02, 0x03, 0x05, 0x06, 0x0c, 0x22, 0x26, 0x41, 0x59, 0x71, 0x79]) {
      expect(faultReason(code)?.qualified, `0x${code.toString(16)}`).toBe(true);
    }
  });

  it('prints as a kernel of each age does', () => {
    const old = { hexadecimal: false, scalable: false };
    const today = { hexadecimal: true, scalable: true };
    expect(`[fault reason ${faultReasonNumber(1, old)}] ${faultReasonText(1, old)}`).toBe(
      '[fault reason 01] Present bit in root entry is clear',
    );
    expect(`[fault reason ${faultReasonNumber(0x22, old)}] ${faultReasonText(0x22, old)}`).toBe(
      '[fault reason 34] Present field in the IRTE entry is clear',
    );
    expect(`[fault reason ${faultReasonNumber(0x0c, today)}] ${faultReasonText(0x0c, today)}`).toBe(
      '[fault reason 0x0c] non-zero reserved fields in PTE',
    );
    expect(faultReasonText(0x39, today)).toBe('SM: Present bit in Root Entry is clear');
    expect(faultReasonText(0x39, old)).toBe('Unknown');
    expect(faultReasonText(0x33, today)).toBe('Unknown');
    expect(faultReasonText(0x27, today)).toBe('Unknown');
  });
});
