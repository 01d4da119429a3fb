import { describe, expect, it } from 'vitest';
import type { ImportNote } from '../description/machine.ts';
import { ioApicsOf } from './madt.ts';
import { noteIoApicsWithoutUnit } from './note-io-apics.ts';

const localApic = [0, 8, 0, 0, 1, 0, 0, 0];
const ioApic = (id: number, base: number): number[] => [1, 12, id, 0, 0, 0, 0xc0, 0xfe, base, 0, 0, 0];
const tableOf = (...entries: number[][]): Uint8Array =>
  Uint8Array.from([...new Array<number>(44).fill(0), ...entries.flat()]);

const table = tableOf(localApic, ioApic(2, 0), localApic, ioApic(8, 24));

describe('IO-APICs of the table APIC', () => {
  it('are read up to an entry whose length cannot be', () => {
    expect(ioApicsOf(table)).toEqual([
      { id: 2, address: 0xfec0_0000, firstInterrupt: 0 },
      { id: 8, address: 0xfec0_0000, firstInterrupt: 24 },
    ]);
    for (const length of [0, 1, 200]) {
      const lying = table.slice();
      lying[44 + 8 + 12 + 1] = length;
      expect(ioApicsOf(lying).map((one) => one.id)).toEqual([2]);
    }
    expect(ioApicsOf(table.slice(0, 30))).toEqual([]);
  });

  it('are noted if they stand behind no unit', () => {
    const notes: ImportNote[] = [];
    const acpi = { tables: [{ signature: 'APIC', bytes: table }], notes: [] };
    noteIoApicsWithoutUnit(acpi, [2, 8], notes, 'acpi');
    noteIoApicsWithoutUnit(undefined, [], notes, 'acpi');
    expect(notes).toEqual([]);
    noteIoApicsWithoutUnit(acpi, [8], notes, 'acpi');
    expect(notes).toEqual([
      {
        file: 'acpi',
        message:
          'IO-APIC 2 of the table APIC stands behind no remapping unit: Linux does not remap interrupts then',
      },
    ]);
  });
});
