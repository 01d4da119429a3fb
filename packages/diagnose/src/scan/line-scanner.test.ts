import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineScanner } from './line-scanner.ts';
import { NeedleScanner } from './needle-scanner.ts';
import { needles } from './needles.ts';

it('finds needles where a plain search finds them', () => {
  const words = ['abab', 'bab', 'cc', 'abcabc'];
  const scanner = new NeedleScanner(words);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 }),
      fc.nat(10),
      (text, from) => {
        const places = words.map((word) => text.indexOf(word, from)).filter((at) => at >= 0);
        const expected = places.length === 0 ? -1 : Math.min(...places);
        expect(scanner.next(new TextEncoder().encode(text), from, text.length)).toBe(expected);
      },
    ),
  );
});

it('looks for words that are long enough to be skipped to', () => {
  expect(Math.min(...needles.map((needle) => needle.length))).toBeGreaterThanOrEqual(4);
});

function linesOf(chunks: readonly Uint8Array[], wanted: () => boolean = () => false) {
  const seen: [number, string][] = [];
  const overlong: number[] = [];
  const scanner = new LineScanner({
    line: (text, number) => seen.push([number, text]),
    wantsNext: wanted,
    overlong: (number) => overlong.push(number),
  });
  for (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  return { seen, overlong, lines: scanner.lines };
}

it('hands on the same lines however the stream is cut', () => {
  const line = fc.constantFrom(
    '',
    'nothing',
    'DMAR: é',
    'x DMAR',
    'a fault addr b',
    'DMA',
    '[    0.000000] \r',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(fc.nat(80), { maxLength: 6 }), (lines, cuts) => {
      const bytes = new TextEncoder().encode(lines.join('\n'));
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ];
      const chunks = places.slice(1).map((end, index) => bytes.slice(places[index] as number, end));
      const found = linesOf(chunks);
      const matter = lines.flatMap((text, index) =>
        needles.some((needle) => text.includes(needle)) ? [[index + 1, text]] : [],
      );
      expect(found.seen).toEqual(matter);
      expect(found.lines).toBe(bytes.length === 0 ? 0 : lines.length - (lines.at(-1) === '' ? 1 : 0));
    }),
  );
});

it('reads the start of a line without an end', () => {
  const chunk = new TextEncoder().encode(`DMAR: ${'x'.repeat(60_000)}`);
  const { seen, overlong, lines } = linesOf(new Array(20).fill(chunk));
  expect([seen.length, seen[0]?.[1].length, lines]).toEqual([1, 65_536, 1]);
  expect(overlong).toEqual([1]);
});

it('hands on the line behind one that goes on', () => {
  let wanted = true;
  const { seen } = linesOf([new TextEncoder().encode('one\ntwo\nDMAR\nthree\n')], () => {
    const now = wanted;
    wanted = false;
    return now;
  });
  expect(seen).toEqual([
    [1, 'one'],
    [3, 'DMAR'],
  ]);
});
