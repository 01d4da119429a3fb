import { expect, it } from 'vitest';
import { invalidateDeviceTableEntry, invalidateInterruptTable } from '../commands/command-words.ts';
import { AmdEvent, EventFlag } from '../events/event-entry.ts';
import { amdRegister } from '../registers/iommu-registers.ts';
import { deviceTableRegister } from '../tables/device-table.ts';
import { deviceTableEntry, INTERRUPTS_FORWARDED, INTERRUPTS_REMAPPED } from '../tables/device-table-entry.ts';
import { AmdInterruptTable, amdInterruptMessage } from '../tables/interrupt-table.ts';
import { NIC, UnitFixture } from '../testing/unit-fixture.ts';

const TABLE = 0x400_0000;

function remapped(lab: UnitFixture, more: Parameters<typeof deviceTableEntry>[0] = {}): AmdInterruptTable {
  lab.table.setWords(
    NIC,
    deviceTableEntry({
      interruptsValid: true,
      interruptControl: INTERRUPTS_REMAPPED,
      interruptTableLength: 9,
      interruptTable: TABLE,
      ...more,
    }),
  );
  return new AmdInterruptTable({ memory: lab.memory, address: TABLE, entries: 512 });
}

it('delivers messages as they are while the unit is off, or the entry is not valid for interrupts', () => {
  const lab = new UnitFixture();
  expect(lab.interrupt(NIC, 0x41)).toMatchObject({
    delivered: true,
    vector: 0x41,
    destination: 1,
    index: -1,
  });
  lab.enable();
  expect(lab.interrupt(NIC, 0x41)).toMatchObject({ delivered: true, vector: 0x41 });
});

it('takes vector and destination from the entry that the data names', () => {
  const lab = new UnitFixture().enable();
  remapped(lab).set(0x1fe, { enabled: true, vector: 0x52, destination: 3 });
  expect(lab.interrupt(NIC, amdInterruptMessage(0x1fe).data)).toMatchObject({
    delivered: true,
    vector: 0x52,
    destination: 3,
    index: 0x1fe,
  });
});

it('refuses an entry that is off, and an index beyond the table', () => {
  const lab = new UnitFixture().enable();
  remapped(lab);
  expect(lab.interrupt(NIC, 3)).toMatchObject({ delivered: false, reason: AmdEvent.ioPageFault, index: 3 });
  expect(lab.interrupt(NIC, 0x200)).toMatchObject({ delivered: false, index: 0x200 });
  expect(lab.log().map(({ flags }) => flags)).toEqual([
    EventFlag.interrupt | EventFlag.write,
    EventFlag.interrupt | EventFlag.write | EventFlag.reserved,
  ]);
});

it('aborts or forwards where interrupt control says so', () => {
  const lab = new UnitFixture().enable();
  remapped(lab, { interruptControl: 0 });
  expect(lab.interrupt(NIC, 0x41)).toMatchObject({ delivered: false, reason: AmdEvent.ioPageFault });
  remapped(lab, { interruptControl: INTERRUPTS_FORWARDED });
  lab.command(invalidateDeviceTableEntry(NIC));
  expect(lab.interrupt(NIC, 0x41)).toMatchObject({ delivered: true, vector: 0x41 });
});

it('keeps an entry until the device is invalidated', () => {
  const lab = new UnitFixture().enable();
  const table = remapped(lab);
  table.set(0, { enabled: true, vector: 0x52 });
  lab.interrupt(NIC, 0);
  table.set(0, { enabled: true, vector: 0x60 });
  expect(lab.interrupt(NIC, 0).vector).toBe(0x52);
  lab.command(invalidateInterruptTable(0x0200));
  expect(lab.interrupt(NIC, 0).vector).toBe(0x52);
  lab.command(invalidateInterruptTable(NIC));
  expect(lab.interrupt(NIC, 0).vector).toBe(0x60);
});

it('reports tables that cannot be read and devices without an entry', () => {
  const lab = new UnitFixture().enable();
  remapped(lab, { interruptTable: 0x8000_0000 });
  expect(lab.interrupt(NIC, 0).reason).toBe(AmdEvent.pageTableHardwareError);
  expect(lab.interrupt(0x0800, 0).reason).toBe(AmdEvent.illegalDeviceTableEntry);
  lab.unit.writeWide(amdRegister.deviceTable, deviceTableRegister(0x8000_0000, 16));
  expect(lab.interrupt(0x0200, 0).reason).toBe(AmdEvent.deviceTableHardwareError);
});
