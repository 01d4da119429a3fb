import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from './text-width.ts';
import { wrapWords } from './wrap-words.ts';

describe('wrapping', () => {
  it('breaks between words, and cuts words that are too long', () => {
    expect(wrapWords('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrapWords('a 0123456789abcdef b', 8)).toEqual(['a', '01234567', '89abcdef', 'b']);
    expect(wrapWords('漢字漢字漢 ok', 8)).toEqual(['漢字漢字', '漢 ok']);
    expect(wrapWords('', 8)).toEqual(['']);
  });

  it('keeps to the width and loses nothing but white space', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 8, max: 40 }), (text, width) => {
        const lines = wrapWords(text, width);
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replace(/[ \n]/g, '')).toBe(text.replace(/[ \n]/g, ''));
      }),
    );
  });

  it('is quick for a long word of any script', () => {
    expect(wrapWords('漢'.repeat(100_000), 80)).toHaveLength(2500);
  });
});
