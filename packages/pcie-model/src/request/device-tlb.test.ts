import { expect, test } from 'vitest';
import { BurstEngine } from '../fabric/testing/burst-engine.ts';
import { at, describe, portType } from '../fabric/testing/config-bytes.ts';
import { MiB, type TestMachine, testMachine } from '../fabric/testing/test-machine.ts';

const ATS = 0x200;
const CONTROL = ATS + 6;

/** 01:00.0 streams 64 bytes a µs into one page, I/O address 5000, mapped to 8 MiB; ATS behind AER. */
function streaming(atsControl = 0x8000): TestMachine {
  const device = describe({ bus: 1, type: portType.endpoint, traits: { usesAts: true } });
  const view = new DataView(device.config.buffer);
  view.setUint32(at.aer, 0x0001 | (2 << 16) | (ATS * 0x10_0000), true);
  view.setUint32(ATS, 0x0001_000f, true);
  view.setUint16(CONTROL, atsControl, true);
  const machine = testMachine(
    [describe({ bus: 0, device: 1, type: portType.rootPort, secondary: 1 }), device],
    { withUnit: true, platform: { remappingFault: 'serr-nmi' } },
  );
  machine.unit.map(0x100, 0x5000, 8 * MiB);
  const plan = { start: 0, period: 1000, burst: 64, base: 0x5000, pages: 1, write: true };
  machine.fabric.attachEngine(machine.fn('01:00.0'), new BurstEngine(plan));
  return machine;
}

/** What the next two transactions come to. */
function next(machine: TestMachine): string[] {
  machine.fabric.advance(machine.fabric.nextTime);
  machine.fabric.advance(machine.fabric.nextTime);
  return [...new Set(machine.observer.take())];
}

const old = 'reached 0000:01:00.0 100 5... 800... first-kernel 64 true false';

test('a translation that the device keeps outlives the tables', () => {
  const machine = streaming();
  expect(next(machine)).toEqual([old]);
  machine.unit.pages.clear();
  expect(next(machine)).toEqual([old]);
  expect(machine.fabric.invalidateDeviceTlb(0, 0x100, 0x4000, 4096)).toBe(true);
  expect(next(machine)).toEqual([old]);
  expect(machine.fabric.invalidateDeviceTlb(0, 0x100, 0x5000, 4096)).toBe(true);
  // Now it asks again. A translation request is answered: the device knows that it was refused.
  expect(next(machine)).toEqual([
    'refused 0000:01:00.0 100 5... 64 true 5',
    'system error serr-nmi remapping-fault 0000:01:00.0 5',
  ]);
  expect(machine.fn('01:00.0').config.file.peek16(0x06) & 0x2000).toBe(0x2000);
});

test('without ATS enabled the tables count at once', () => {
  const machine = streaming(0);
  expect(next(machine)).toEqual([old]);
  machine.unit.pages.clear();
  expect(next(machine)[0]).toBe('refused 0000:01:00.0 100 5... 64 true 5');
  expect(machine.fabric.invalidateDeviceTlb(0, 0x100, 0x5000, 4096)).toBe(false);
});

test('disabling ATS forgets what was kept', () => {
  const machine = streaming();
  next(machine);
  machine.unit.pages.clear();
  machine.hierarchy.configWrite(0, 1, 0, 0, CONTROL, 2, 0);
  machine.hierarchy.configWrite(0, 1, 0, 0, CONTROL, 2, 0x8000);
  expect(next(machine)[0]).toMatch(/^refused/);
});

test('a unit that does not trust the device refuses translated requests', () => {
  const machine = streaming();
  next(machine);
  machine.unit.trustsDevices = false;
  expect(next(machine)[0]).toBe('refused 0000:01:00.0 100 5... 64 true 13');
});

test('a reset forgets, and nobody answers an invalidation', () => {
  const machine = streaming();
  next(machine);
  expect(machine.fabric.snapshot().deviceTlbs).toEqual([[1, [5, (8 * MiB) / 4096, 2]]]);
  machine.hierarchy.configWrite(0, 0, 1, 0, 0x3e, 2, 0x40);
  expect(machine.fabric.snapshot().deviceTlbs).toEqual([[1, []]]);
  expect(machine.fabric.invalidateDeviceTlb(0, 0x100, 0, 2 ** 40)).toBe(false);
});

test('what was kept can be brought back', () => {
  const machine = streaming();
  next(machine);
  const state = structuredClone(machine.fabric.snapshot());
  machine.unit.pages.clear();
  machine.fabric.invalidateDeviceTlb(0, 0x100, 0, 2 ** 40);
  machine.fabric.restore(state);
  expect(next(machine)).toEqual([old]);
});
