import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { testCapability, UnitFixture } from '../testing/unit-fixture.ts';
import type { FaultInfo } from './fault-recorder.ts';

const TE = 0x8000_0000;
const IM = 0x8000_0000;
const IP = 0x4000_0000;
const nic = 0x0100;

interface Log {
  fixture: UnitFixture;
  faults: [FaultInfo, boolean][];
  events: [number, number][];
}

function blocking(records = 8): Log {
  const faults: [FaultInfo, boolean][] = [];
  const events: [number, number][] = [];
  const fixture = new UnitFixture({
    capability: { low: testCapability.low, high: (testCapability.high & ~0xff00) | ((records - 1) << 8) },
    onFault: (info, repeat) => faults.push([{ ...info }, repeat]),
    onFaultEvent: (address, data) => events.push([address, data]),
  });
  fixture.setRoot(fixture.rootTable().address);
  fixture.enable(TE);
  fixture.unit.writeRegister32(registerOffset.FEDATA, 0x4021);
  fixture.unit.writeRegister32(registerOffset.FEADDR, 0xfee0_1000);
  return { fixture, faults, events };
}

const status = (log: Log): number => log.fixture.unit.readRegister32(registerOffset.FSTS);
const record = (i: number): number => 0x20c + 16 * i;

describe('fault recording', () => {
  test('fills the registers in a ring; FRI names the first that is pending', () => {
    const log = blocking();
    for (let i = 0; i < 3; i++) log.fixture.dma(nic + i, 0x1000 * i);
    expect(status(log)).toBe(0x002);
    for (let i = 0; i < 3; i++) log.fixture.unit.writeRegister32(record(i), 0x8000_0000);
    expect(status(log)).toBe(0);
    log.fixture.dma(nic, 0x7000);
    expect(status(log)).toBe(0x302);
    expect(log.fixture.unit.readRegister32(0x200 + 16 * 3)).toBe(0x7000);
  });

  test('PPF stays while any F bit is set, and cannot be written away', () => {
    const log = blocking();
    log.fixture.dma(nic, 0);
    log.fixture.dma(nic, 0x1000);
    log.fixture.unit.writeRegister32(registerOffset.FSTS, 2);
    expect(status(log)).toBe(2);
    log.fixture.unit.writeRegister32(record(0), 0x8000_0000);
    expect(status(log)).toBe(2);
    log.fixture.unit.writeRegister32(record(1), 0x8000_0000);
    expect(status(log)).toBe(0);
  });

  test('overflows when the next register is still pending, and then loses faults', () => {
    const log = blocking(2);
    const outcomes = [0, 1, 2, 3].map((i) => log.fixture.dma(nic, 0x1000 * i));
    expect(status(log)).toBe(3);
    expect(outcomes.map((o) => o.steady)).toEqual([false, false, false, true]);
    expect(log.faults.map(([info, repeat]) => [info.recorded, repeat])).toEqual([
      [true, false],
      [true, false],
      [false, false],
      [false, true],
    ]);
    // Without PFO cleared nothing is recorded even though registers are free.
    for (const i of [0, 1]) log.fixture.unit.writeRegister32(record(i), 0x8000_0000);
    log.fixture.dma(nic, 0x5000);
    expect(status(log)).toBe(1);
    log.fixture.unit.writeRegister32(registerOffset.FSTS, 1);
    log.fixture.dma(nic, 0x6000);
    expect(status(log)).toBe(2);
  });

  test('the address is the page, the type bit says read', () => {
    const log = blocking();
    log.fixture.dma(0xabcd, 0xf_1234_5678);
    expect(log.fixture.unit.readWide(0x200)).toEqual({ low: 0x1234_5000, high: 0xf });
    expect(log.fixture.unit.readWide(0x208)).toEqual({ low: 0xabcd, high: 0xc000_0001 });
  });
});

describe('the fault event', () => {
  test('is masked after reset and kept pending', () => {
    const log = blocking();
    log.fixture.dma(nic, 0);
    expect(log.fixture.unit.readRegister32(registerOffset.FECTL)).toBe((IM | IP) >>> 0);
    expect(log.events).toEqual([]);
    log.fixture.unit.writeRegister32(registerOffset.FECTL, 0);
    expect(log.events).toEqual([[0xfee0_1000, 0x4021]]);
    expect(log.fixture.unit.readRegister32(registerOffset.FECTL)).toBe(0);
  });

  test('is not pending any more when software has dealt with every cause', () => {
    const log = blocking();
    log.fixture.dma(nic, 0);
    log.fixture.unit.writeRegister32(record(0), 0x8000_0000);
    expect(log.fixture.unit.readRegister32(registerOffset.FECTL)).toBe(IM);
  });

  test('comes once for a burst, and again after the status was clear', () => {
    const log = blocking();
    log.fixture.unit.writeRegister32(registerOffset.FECTL, 0);
    log.fixture.dma(nic, 0);
    log.fixture.dma(nic, 0x1000);
    expect(log.events).toHaveLength(1);
    log.fixture.clearFaults();
    log.fixture.dma(nic, 0x2000);
    expect(log.events).toHaveLength(2);
  });
});
