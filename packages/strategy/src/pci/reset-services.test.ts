import { expect, test } from 'vitest';
import { MiniMachine, onePort } from '../contract/index.ts';
import { isDisplayClass, restoreConfig, saveConfig, secondaryBusReset } from '../index.ts';

function bus() {
  const machine = new MiniMachine(onePort);
  const ctx = machine.contextFor('initcall:fs_sync');
  const port = ctx.devices.find(0, 0, 1, 0);
  const nic = ctx.devices.find(0, 1, 0, 0);
  if (port === undefined || nic === undefined) throw new Error('the machine has changed');
  return { machine, ctx, port, nic };
}

test('what was saved before a hot reset is back after it, MSI excepted', () => {
  const { machine, ctx, port, nic } = bus();
  const before = machine.function(nic.name).image();
  const saved = saveConfig(nic);
  secondaryBusReset(port, ctx.delay);
  expect(machine.nowMs).toBe(2);
  ctx.delay(100);
  expect(nic.readConfig32(0x10)).toBe(0);
  expect(restoreConfig(saved)).toBe(true);
  const after = machine.function(nic.name);
  expect(after.image().subarray(0, 0x40)).toEqual(before.subarray(0, 0x40));
  expect(after.read(0x68, 2)).toBe(0x2937);
  expect(after.read(0x52, 2) & 1).toBe(0);
});

test('a device in its hold-off is not written to', () => {
  const { ctx, port, nic } = bus();
  const saved = saveConfig(nic);
  secondaryBusReset(port, ctx.delay);
  ctx.delay(99);
  expect(restoreConfig(saved)).toBe(false);
  ctx.delay(1);
  expect(nic.readConfig16(4)).toBe(0);
});

test('a conventional function has a header only', () => {
  const { ctx } = bus();
  const bridge = ctx.devices.find(0, 0, 0, 0);
  expect(bridge === undefined ? [] : saveConfig(bridge).controls).toEqual([]);
});

test('displays are base class 03 and the VGA class of before PCI 2.0', () => {
  expect([0x030000, 0x030200, 0x038000, 0x000100].map(isDisplayClass)).toEqual([true, true, true, true]);
  expect([0x020000, 0x000000, 0x040300].map(isDisplayClass)).toEqual([false, false, false]);
});
