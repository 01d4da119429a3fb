import { expect, test } from 'vitest';
import { BurstEngine } from './testing/burst-engine.ts';
import { describe, portType } from './testing/config-bytes.ts';
import { type TestMachine, testMachine } from './testing/test-machine.ts';

const BAR = 0xc000_0000;
const UNIT = 0xfed9_0000;
const ECAM = 0xe000_0000;

function machineWithRegisters(): { machine: TestMachine; engine: BurstEngine } {
  const machine = testMachine(
    [
      describe({ bus: 0, device: 1, type: portType.rootPort, secondary: 1, window: [0xc00, 0xc00] }),
      describe({ bus: 1, type: portType.endpoint, bar0: BAR }),
    ],
    { withUnit: true },
  );
  const engine = new BurstEngine({ start: 0, period: 1, burst: 4, base: 0, pages: 1, write: true });
  machine.fabric.attachEngine(machine.fn('01:00.0'), engine);
  return { machine, engine };
}

test('registers of a device stand behind its BAR', () => {
  const { machine, engine } = machineWithRegisters();
  machine.fabric.mmioWrite(BAR + 8, 4, 0x1234_5678);
  expect(engine.registers[2]).toBe(0x1234_5678);
  expect(machine.fabric.mmioRead(BAR + 8, 4)).toBe(0x1234_5678);
});

test('what nobody answers reads as all ones', () => {
  const { fabric } = machineWithRegisters().machine;
  for (const address of [0xd000_0000, 0xfee0_0000, 0x10_0000_0000, 0xc000_8000]) {
    fabric.mmioWrite(address, 4, 0);
    expect(fabric.mmioRead(address, 1)).toBe(0xff);
    expect(fabric.mmioRead(address, 2)).toBe(0xffff);
    expect(fabric.mmioRead(address, 4)).toBe(0xffff_ffff);
  }
  expect(fabric.ioRead(0x60, 1)).toBe(0xff);
  fabric.ioWrite(0x60, 1, 0);
});

test('registers of a remapping unit are dwords, which smaller reads see parts of', () => {
  const { machine } = machineWithRegisters();
  machine.fabric.mmioWrite(UNIT + 0x18, 4, 0x8000_0001);
  expect(machine.unit.registers.get(0x18)).toBe(0x8000_0001);
  expect(machine.fabric.mmioRead(UNIT + 0x18, 4)).toBe(0x8000_0001);
  expect(machine.fabric.mmioRead(UNIT + 0x1a, 2)).toBe(0x8000);
  expect(machine.fabric.mmioRead(UNIT + 0x1b, 1)).toBe(0x80);
  machine.fabric.mmioWrite(UNIT + 0x18, 2, 0);
  expect(machine.unit.registers.get(0x18)).toBe(0x8000_0001);
});

test('config space stands in the ECAM window', () => {
  const { fabric } = machineWithRegisters().machine;
  expect(fabric.mmioRead(ECAM + (1 << 20), 4)).toBe(0x1020_8086);
  expect(fabric.mmioRead(ECAM + (1 << 15) + 0x19, 1)).toBe(1);
  fabric.mmioWrite(ECAM + (1 << 20) + 4, 2, 0x0002);
  expect(fabric.mmioRead(ECAM + (1 << 20) + 4, 2)).toBe(0x0002);
  expect(fabric.mmioRead(ECAM + (9 << 20), 4)).toBe(0xffff_ffff);
});

test('an engine is told of Bus Master Enable when it changes', () => {
  const { machine, engine } = machineWithRegisters();
  for (const command of [0x0006, 0x0002, 0x0002, 0x0406, 0x0006]) {
    machine.fabric.mmioWrite(ECAM + (1 << 20) + 4, 2, command);
  }
  expect(engine.busMaster).toEqual([false, true]);
});

test('a bridge that gates by Bus Master Enable swallows what goes down: the CPU waits for ever for a read', () => {
  const machine = testMachine([
    {
      ...describe({ bus: 0, device: 1, type: portType.rootPort, secondary: 1, window: [0xc00, 0xc00] }),
      defects: ['bus-master-gates-downstream'],
    },
    describe({ bus: 1, type: portType.endpoint, bar0: BAR }),
  ]);
  const engine = new BurstEngine({ start: 0, period: 1, burst: 4, base: 0, pages: 1, write: true });
  machine.fabric.attachEngine(machine.fn('01:00.0'), engine);
  const { hierarchy, fabric } = machine;
  fabric.mmioWrite(BAR + 8, 4, 1);
  hierarchy.configWrite(0, 0, 1, 0, 4, 2, 0x0002);
  fabric.mmioWrite(BAR + 8, 4, 2);
  expect(engine.registers[2]).toBe(1);
  expect(hierarchy.machineHung).toBeUndefined();
  expect(fabric.mmioRead(BAR + 8, 4)).toBe(0xffff_ffff);
  expect(hierarchy.machineHung).toEqual({ name: '0000:00:01.0', cause: 'downstream-access' });
});
