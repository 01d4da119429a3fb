import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AcpiDump, parseAcpiDump } from './acpi-dump.ts';
import { InferenceList } from './inference-list.ts';
import { processorsOf } from './processor-count.ts';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));

function dumpOf(...entries: readonly (readonly number[])[]): AcpiDump {
  const bytes = Uint8Array.from([...Array(44).fill(0), ...entries.flat()]);
  return { tables: [{ signature: 'APIC', bytes }], notes: [] };
}

const localApic = (id: number, flags: number) => [0, 8, id, id, flags, 0, 0, 0];
const localX2apic = (id: number, flags: number) => [9, 16, 0, 0, id, 1, 0, 0, flags, 0, 0, 0, id, 0, 0, 0];
const ioApic = [1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0];

describe('processors of a capture', () => {
  it('are the local APICs and x2APICs that are enabled', () => {
    const inferred = new InferenceList();
    const acpi = dumpOf(localApic(0, 1), ioApic, localApic(1, 0), localX2apic(2, 1), localX2apic(3, 2));
    expect(processorsOf(acpi, inferred)).toBe(2);
    expect(inferred.all).toEqual([]);
  });

  it('are taken to be four where nothing says', () => {
    const inferred = new InferenceList();
    expect(processorsOf(undefined, inferred)).toBe(4);
    expect(processorsOf(dumpOf(ioApic), inferred)).toBe(4);
    expect(inferred.all.map(({ path, value }) => [path, value])).toEqual([
      ['/processors', '4'],
      ['/processors', '4'],
    ]);
  });

  it('come out of any bytes as 1 to 255', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (entries) => {
        const count = processorsOf(dumpOf([...entries]), new InferenceList());
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(255);
      }),
    );
  });

  it.skipIf(!existsSync(shared))('one on the captured machine (skipped where ../shared is absent)', () => {
    const file = `${shared}ground-truth/APIC.bin`;
    expect(processorsOf(parseAcpiDump(readFileSync(file), { file }), new InferenceList())).toBe(1);
  });
});
