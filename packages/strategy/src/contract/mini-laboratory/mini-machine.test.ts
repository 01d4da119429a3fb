import { expect, test } from 'vitest';
import { MiniMachine } from './mini-machine.ts';
import { onePort, switchAndDisplay } from './mini-machines.ts';

const SECONDARY_BUS_RESET = 0x40;

test('a reset takes BARs, Command and MSI, and nothing answers for 100 ms after it', () => {
  const machine = new MiniMachine(onePort);
  const { type1, delay } = machine.contextFor('setupArch');
  expect(type1.read16(1, 0, 0, 4)).toBe(0x0406);
  type1.write16(0, 1, 0, 0x3e, SECONDARY_BUS_RESET);
  expect(type1.read32(1, 0, 0, 0)).toBe(0xffff_ffff);
  delay(2);
  type1.write16(0, 1, 0, 0x3e, 0);
  delay(99);
  expect(type1.read32(1, 0, 0, 0)).toBe(0xffff_ffff);
  delay(1);
  expect(type1.read32(1, 0, 0, 0)).toBe(0x10d3_8086);
  expect(type1.read16(1, 0, 0, 4)).toBe(0);
  expect(type1.read32(1, 0, 0, 0x10)).toBe(0);
  expect(type1.read16(1, 0, 0, 0x52) & 1).toBe(0);
});

test('a reset reaches everything below, and a bridge without bus numbers hides what is behind it', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const { type1, delay } = machine.contextFor('setupArch');
  type1.write16(0, 2, 0, 0x3e, SECONDARY_BUS_RESET);
  type1.write16(0, 2, 0, 0x3e, 0);
  delay(100);
  expect(machine.function('0000:05:00.0').resets).toBe(1);
  expect(type1.read32(2, 0, 0, 0)).toBe(0x3420_8086);
  expect(type1.read32(5, 0, 0, 0)).toBe(0xffff_ffff);
  type1.write32(2, 0, 0, 0x18, 0x0005_0302);
  type1.write32(3, 1, 0, 0x18, 0x0005_0503);
  expect(type1.read32(5, 0, 0, 0)).toBe(0xa808_144d);
});

test('a write without effect on read-only bits', () => {
  const machine = new MiniMachine(onePort);
  const { type1 } = machine.contextFor('setupArch');
  type1.write32(1, 0, 0, 0, 0);
  type1.write32(1, 0, 0, 8, 0);
  expect(type1.read32(1, 0, 0, 0)).toBe(0x10d3_8086);
  expect(type1.read32(1, 0, 0, 8) >>> 8).toBe(0x02_0000);
});

test('the device list knows who is above whom', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const { devices } = machine.contextFor('initcall:fs');
  const nvme = devices.find(0, 5, 0, 0);
  expect(nvme?.upstream?.name).toBe('0000:03:01.0');
  expect(nvme?.upstream?.upstream?.upstream?.name).toBe('0000:00:02.0');
  expect(nvme?.upstream?.children).toEqual([nvme]);
  expect(devices.length).toBe(12);
  expect(nvme?.findCapability(0x10)).toBe(0x60);
  expect(nvme?.findCapability(0x11)).toBe(0);
});

test('memory can be read anywhere and written where it was allocated', () => {
  const machine = new MiniMachine(onePort);
  const { memory, pages } = machine.contextFor('iommuInit');
  const page = pages.allocate(2);
  memory.write32(page + 4096, 0xdead_beef);
  expect(memory.read32(page + 4096)).toBe(0xdead_beef);
  expect(memory.read32(machine.unit.rootTable)).not.toBe(0);
  expect(() => memory.write32(page + 8192, 1)).toThrow(expect.objectContaining({ code: 'MEMORY_NOT_OWNED' }));
  expect(machine.memory.extraBytes).toBe(8192);
});

test('a root table takes effect when SRTP is given, and a command that restates nothing switches all off', () => {
  const machine = new MiniMachine(onePort);
  const old = machine.unit.rootTable;
  const [unit] = machine.contextFor('iommuInit').units;
  unit?.write32(0x20, 0x0800_0000);
  expect(machine.unit.rootTable).toBe(old);
  unit?.write32(0x18, 0x8200_0000 + 0x4000_0000);
  expect(machine.unit.rootTable).toBe(0x0800_0000);
  expect(machine.unit.translationWasOff).toBe(false);
  unit?.write32(0x18, 0x4000_0000);
  expect(machine.unit.translationWasOff).toBe(true);
  expect((unit?.read32(0x1c) ?? 0) & 0x8200_0000).toBe(0);
});

test('register-based invalidation is lost while queued invalidation is on', () => {
  const machine = new MiniMachine(onePort);
  machine.unit.start(machine.unit.rootTable, 0x8600_0000);
  const [unit] = machine.contextFor('iommuInit').units;
  unit?.write32(0x2c, 0xa000_0000);
  expect(machine.unit.contextInvalidations).toBe(0);
});

test('equal deeds have equal hashes, others have not', () => {
  const hashAfter = (value: number): string => {
    const machine = new MiniMachine(onePort);
    machine.contextFor('setupArch').type1.write16(1, 0, 0, 4, value);
    return machine.traceHash();
  };
  expect(hashAfter(6)).toBe(hashAfter(6));
  expect(hashAfter(6)).not.toBe(hashAfter(2));
});

test('a function level reset and the way out of D3hot reset one function', () => {
  const machine = new MiniMachine({
    name: 'resettable',
    functions: onePort.functions.map((each) => ({ ...each, functionLevelReset: true, softReset: true })),
  });
  const { type1, delay } = machine.contextFor('crash');
  type1.write16(1, 0, 0, 0x68, type1.read16(1, 0, 0, 0x68) | 0x8000);
  expect(type1.read16(1, 0, 0, 0)).toBe(0xffff);
  delay(100);
  expect(type1.read32(1, 0, 0, 0x10)).toBe(0);
  type1.write16(1, 0, 1, 0x44, 3);
  expect(type1.read32(1, 0, 1, 0x10)).not.toBe(0);
  type1.write16(1, 0, 1, 0x44, 0);
  delay(10);
  expect(type1.read32(1, 0, 1, 0x10)).toBe(0);
  const nic = (fn: number) => machine.function(`0000:01:00.${fn}`).resets;
  expect([nic(0), nic(1)]).toEqual([1, 1]);
});

test('work that was put off runs when it is due while time passes, and work is not interrupted by work', () => {
  const machine = new MiniMachine(onePort);
  const ran: string[] = [];
  const { schedule, delay } = machine.contextFor('iommuFault');
  schedule(20, () => ran.push(`second at ${machine.nowMs}`));
  schedule(10, (ctx) => {
    ran.push(`first at ${machine.nowMs}`);
    ctx.delay(15);
    ctx.schedule(100, () => ran.push(`last at ${machine.nowMs}`));
  });
  delay(5);
  expect(ran).toEqual([]);
  delay(20);
  expect(ran).toEqual(['first at 10', 'second at 25']);
  machine.finishWork();
  expect(ran.at(-1)).toBe('last at 125');
});
