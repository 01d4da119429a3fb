import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import { hexToBytes } from '../build/config-bytes.ts';
import { parseFunctionName } from '../description/function-name.ts';
import { parseMachine } from '../description/parse-machine.ts';
import { preset } from '../presets/presets.ts';
import { importMachine } from './import-machine.ts';
import type { LspciFunction } from './lspci.ts';

const original = preset('server-2012');
const places = original.functions.map((one) => one.name);

/** The functions of a preset, as if they had been captured. */
function captured(): LspciFunction[] {
  return original.functions.map((one) => ({
    ...(parseFunctionName(one.name) as NonNullable<ReturnType<typeof parseFunctionName>>),
    name: one.name,
    bytes: hexToBytes(one.config) as Uint8Array,
    missing: [],
    regionSizes: one.barSizes.map((size) => (size === 0 ? undefined : size)),
    line: 1,
  }));
}

const change = fc.record({
  fn: fc.nat({ max: places.length - 1 }),
  // Mostly headers and capability lists; they decide the most.
  offset: fc.oneof(fc.nat({ max: 0x3f }), fc.nat({ max: 0xff }), fc.nat({ max: 0x180 })),
  value: fc.oneof(fc.constantFrom(0, 0xff, 1, 0x40, 0x80), fc.nat({ max: 0xff })),
});
const tableChange = fc.record({ offset: fc.nat({ max: 255 }), value: fc.nat({ max: 255 }) });

it('a machine with any bytes changed is imported and assembled', () => {
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 8 }),
      fc.array(tableChange, { maxLength: 2 }),
      fc.subarray(places, { minLength: places.length - 3 }),
      (changes, tableChanges, kept) => {
        const all = captured();
        for (const { fn, offset, value } of changes) {
          const { bytes } = all[fn] as LspciFunction;
          if (offset < bytes.length) bytes[offset] = value;
        }
        const acpi = hexToBytes(original.dmar as string) as Uint8Array;
        for (const { offset, value } of tableChanges) if (offset < acpi.length) acpi[offset] = value;
        const functions = all.filter((one) => kept.includes(one.name));
        const machine = importMachine(
          {
            lspci: { functions, verbose: false, notes: [] },
            acpi: { tables: [{ signature: 'DMAR', bytes: acpi }], notes: [] },
          },
          { name: 'damaged' },
        );
        expect(parseMachine(JSON.stringify(machine))).toEqual(machine);
        const { hierarchy, hash } = assembleMachine(machine, {
          calendar: new EventCalendar(),
          observer: new SilentObserver(),
        });
        expect(hierarchy.functions).toHaveLength(functions.length);
        hash();
      },
    ),
    { numRuns: 300 },
  );
});
