import { describe, expect, it } from 'vitest';
import { printable, printableCode, printableLine } from './printable.ts';

describe('printable text', () => {
  it('shows what cannot be printed as an escape', () => {
    expect(printable('a\u001b[31m\u202eb\u0000\u{e0041}\ud800')).toBe(
      'a\\x1b[31m\\u202eb\\x00\\u{e0041}\\ud800',
    );
    expect(printable('Ärger, 漢字, ✔ 🙂')).toBe('Ärger, 漢字, ✔ 🙂');
  });

  it('keeps lines of prose, and makes one of a heading', () => {
    expect(printable('a\r\nb\rc\td')).toBe('a\nb\nc d');
    expect(printableLine(' a\r\n  b\u2028c ')).toBe('a b\\u2028c');
  });

  it('never lets a command become two', () => {
    expect(printableCode('echo a\nrm b\r\tc')).toBe('echo a\\x0arm b\\x0d    c');
  });
});
