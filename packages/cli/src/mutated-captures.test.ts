import { existsSync, readFileSync } from 'node:fs';
import { crash } from '@quiesce/boot-sequencer';
import { importMachine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import none from '@quiesce/strategy-none';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const capture = new URL('../../../../shared/ground-truth/', import.meta.url);
// The captures do not come with the repository.
const absent = !existsSync(capture);

/** Some bytes changed, and perhaps the end cut off. */
const damage = fc.record({
  bytes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 15 })), { maxLength: 40 }),
  keep: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
});
type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

/** Hexadecimal digits stay such, so that damage gets past the parser and into registers. */
function damaged(input: Uint8Array, { bytes, keep }: Damage, text: boolean): Uint8Array {
  const copy = Uint8Array.from(input.subarray(0, Math.ceil(input.length * keep)));
  for (const [where, value] of bytes) {
    let at = where % copy.length;
    while (text && at < copy.length && !/[0-9a-f]/.test(String.fromCharCode(copy[at] ?? 0))) at++;
    if (at < copy.length) copy[at] = text ? value.toString(16).charCodeAt(0) : value * 17;
  }
  return copy;
}

it.skipIf(absent)(
  'a damaged capture is refused with a typed error, or runs to its end',
  () => {
    const lspci = readFileSync(new URL('lspci-nnvvv-xxxx.txt', capture));
    const dmar = readFileSync(new URL('DMAR.bin', capture));
    let ended = 0;
    fc.assert(
      fc.property(damage, damage, fc.constantFrom('linux-3.10', 'linux-6'), (first, second, kernel) => {
        try {
          const captures = { lspci: damaged(lspci, first, true), acpi: damaged(dmar, second, false) };
          const machine = importMachine(captures, { name: 'damaged' });
          const { outcome } = crash({ machine, strategy: none, kernel, seed: 1 });
          expect(outcome.dump).toMatch(/saved|altered|lost/);
          ended++;
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.code).toMatch(/^[A-Z_]+$/);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
    expect(ended).toBeGreaterThan(5);
  },
  120_000,
);
