import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointTraits } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { NetworkRingEngine } from './network-ring-engine.ts';
import { InterruptCause } from './network-ring-registers.ts';

const CTRL = 0x0000;
const STATUS = 0x0008;
const ICR = 0x00c0;
const ICS = 0x00c8;
const IMS = 0x00d0;
const IMC = 0x00d8;
const RCTL = 0x0100;
const RDBAL = 0x2800;
const RDBAH = 0x2804;
const RDLEN = 0x2808;
const RDH = 0x2810;
const RDT = 0x2818;

const RST = 1 << 26;
const EN = 1 << 1;
const RING = 0x10_0000;
const BUFFERS = 0x20_0000;
const MS = 1_000_000;

let nic: NetworkRingEngine;
let port: MemoryPort;

const read = (offset: number): number => nic.readRegister(0, offset, 4, port.now);
const write = (offset: number, value: number): void => nic.writeRegister(0, offset, 4, value, port.now);
const description = (traits: Partial<EndpointTraits> = {}, bytesPerUnit = 128) =>
  ({
    kind: 'network-ring',
    traits: { ...defaultTraits, ...traits },
    workload: { ratePerSecond: 1000, bytesPerUnit, burstBytes: 64, direction: 'to-memory' },
  }) as const;

function fillRing(descriptors: number, apart = 2048): void {
  for (let i = 0; i < descriptors; i++) {
    port.memory.write32(RING + i * 16, BUFFERS + i * apart, 0);
    for (const at of [4, 8, 12]) port.memory.write32(RING + i * 16 + at, 0, 0);
  }
  write(RDBAL, RING);
  write(RDBAH, 0);
  write(RDLEN, descriptors * 16);
  write(RDH, 0);
  write(RDT, descriptors - 1);
}

const status = (descriptor: number): number => port.memory.read32(RING + descriptor * 16 + 12) & 0xff;
const length = (descriptor: number): number => port.memory.read32(RING + descriptor * 16 + 8) & 0xffff;

beforeEach(() => {
  nic = new NetworkRingEngine(description(), 1);
  port = new MemoryPort();
});

describe('a receive ring', () => {
  it('does nothing before receive is enabled', () => {
    fillRing(8);
    runEngine(nic, port, 100 * MS);
    expect(port.totals.readRequests + port.totals.writeRequests).toBe(0);
  });

  it('puts frames where the descriptors say and writes the descriptors back', () => {
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 3 * MS);
    expect(read(RDH)).toBe(3);
    expect(status(0)).toBe(3);
    expect(length(2)).toBe(128);
    expect(status(3)).toBe(0);
    expect(port.memory.lastWriterAt(BUFFERS)).toBe('device');
    expect(port.memory.lastWriterAt(BUFFERS + 2048 + 127)).toBe('device');
    expect(port.memory.lastWriterAt(BUFFERS + 128)).toBeUndefined();
    expect(port.memory.lastWriterAt(BUFFERS + 3 * 2048)).toBeUndefined();
  });

  it('stops when head meets tail and goes on when the tail moves', () => {
    fillRing(8);
    write(RCTL, EN);
    runEngine(nic, port, 100 * MS);
    expect(read(RDH)).toBe(7);
    expect(nic.nextTime).toBe(Number.POSITIVE_INFINITY);
    expect(read(ICR) & InterruptCause.receiveOverrun).not.toBe(0);
    write(RDT, 2);
    runEngine(nic, port, 200 * MS);
    expect(read(RDH)).toBe(2);
  });

  it('spreads a long frame over descriptors, and only the last one ends the packet', () => {
    nic = new NetworkRingEngine(description({}, 5000), 1);
    fillRing(8);
    write(RCTL, EN);
    runEngine(nic, port, MS);
    expect([length(0), length(1), length(2)]).toEqual([2048, 2048, 904]);
    expect([status(0), status(1), status(2)]).toEqual([1, 1, 3]);
  });

  it('makes smaller pieces where RCTL says that buffers are smaller', () => {
    nic = new NetworkRingEngine(description({}, 1000), 1);
    fillRing(8);
    write(RCTL, EN | (2 << 16));
    runEngine(nic, port, MS);
    expect([length(0), length(1), length(2)]).toEqual([512, 488, 0]);
  });

  it('shows the queue where the 82542 had it, too', () => {
    fillRing(8);
    expect([read(0x110), read(0x118), read(0x128)]).toEqual([RING, 128, 7]);
    write(0x128, 3);
    expect(read(RDT)).toBe(3);
  });

  it('holds up to 64 descriptors on chip: a later change in memory is not seen', () => {
    fillRing(80);
    write(RCTL, EN);
    runEngine(nic, port, MS);
    port.memory.write32(RING + 63 * 16, 0x30_0000, 0);
    port.memory.write32(RING + 64 * 16, 0x31_0000, 0);
    runEngine(nic, port, 70 * MS);
    expect(port.memory.lastWriterAt(0x30_0000)).toBeUndefined();
    expect(port.memory.lastWriterAt(0x31_0000)).toBe('device');
  });

  it('goes on with the descriptors it holds when the ring can no longer be read', () => {
    fillRing(80);
    write(RCTL, EN);
    runEngine(nic, port, MS);
    const fetched = port.totals.refused;
    port.answer = (address) => (address < BUFFERS ? Completion.unsupportedRequest : Completion.success);
    runEngine(nic, port, 40 * MS);
    expect(port.totals.refused).toBeGreaterThan(fetched);
    expect(port.memory.lastWriterAt(BUFFERS + 30 * 2048)).toBe('device');
  });

  it('forgets what it holds when receiving is switched off', () => {
    fillRing(8);
    write(RCTL, EN);
    runEngine(nic, port, MS);
    write(RCTL, 0);
    port.memory.write32(RING + 32, 0x30_0000, 0);
    write(RCTL, EN);
    runEngine(nic, port, 5 * MS);
    expect(port.memory.lastWriterAt(0x30_0000)).toBe('device');
  });
});

describe('its interrupt', () => {
  it('is sent for each frame while unmasked, and ICR is cleared by reading', () => {
    fillRing(32);
    write(IMS, InterruptCause.receiveTimer);
    write(RCTL, EN);
    runEngine(nic, port, 3 * MS);
    expect(port.totals.interrupts).toBe(3);
    expect(read(ICR)).toBe((0x8000_0000 | InterruptCause.receiveTimer) >>> 0);
    expect(read(ICR)).toBe(0);
    runEngine(nic, port, 3 * MS + 1);
    expect(port.totals.deasserts).toBe(1);
  });

  it('is silent while masked, and fires on a pending cause when unmasked', () => {
    fillRing(32);
    write(RCTL, EN);
    write(IMS, InterruptCause.receiveTimer);
    write(IMC, 0xffff_ffff);
    runEngine(nic, port, 3 * MS);
    expect(port.totals.interrupts).toBe(0);
    write(IMS, InterruptCause.receiveTimer);
    expect(nic.nextTime).toBe(port.now);
    write(RCTL, 0);
    runEngine(nic, port, 4 * MS);
    expect(port.totals.interrupts).toBe(1);
  });

  it('can be raised by software', () => {
    write(IMS, InterruptCause.linkStatusChange);
    write(ICS, InterruptCause.linkStatusChange);
    runEngine(nic, port, 1);
    expect(port.totals.interrupts).toBe(1);
  });

  it('is deasserted by a reset', () => {
    write(IMS, InterruptCause.linkStatusChange);
    write(ICS, InterruptCause.linkStatusChange);
    runEngine(nic, port, 1);
    write(CTRL, RST);
    runEngine(nic, port, 2);
    expect(port.totals.deasserts).toBe(1);
  });

  it('is deasserted once when it is masked and then reset, as drivers do', () => {
    write(IMS, InterruptCause.linkStatusChange);
    write(ICS, InterruptCause.linkStatusChange);
    runEngine(nic, port, 1);
    write(IMC, 0xffff_ffff);
    write(CTRL, RST);
    runEngine(nic, port, 2);
    expect(port.totals.deasserts).toBe(1);
    expect(nic.nextTime).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('stopping it', () => {
  it('works by its own reset, which clears registers', () => {
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 3 * MS);
    write(CTRL, RST);
    expect(nic.nextTime).toBe(Number.POSITIVE_INFINITY);
    expect([read(RCTL), read(RDBAL), read(RDT), read(CTRL) & RST]).toEqual([0, 0, 0, 0]);
  });

  it('works by GIO Master Disable, which STATUS confirms', () => {
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 3 * MS);
    expect(read(STATUS) & (1 << 19)).not.toBe(0);
    write(CTRL, 4);
    port.now += 2000;
    expect(read(STATUS) & (1 << 19)).toBe(0);
    const before = port.totals.writeRequests;
    runEngine(nic, port, 9 * MS);
    expect(port.totals.writeRequests).toBe(before);
  });

  it('lasts only as long as Bus Master Enable is clear, if stale work resumes', () => {
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 3 * MS);
    nic.busMasterChanged(false, port.now);
    expect(nic.nextTime).toBe(Number.POSITIVE_INFINITY);
    port.now = 50 * MS;
    nic.busMasterChanged(true, port.now);
    runEngine(nic, port, 55 * MS);
    expect(read(RDH)).toBeGreaterThan(6);
  });

  it('lasts until a reset where stale work does not resume', () => {
    nic = new NetworkRingEngine(description({ resumesStaleWork: false }), 1);
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 3 * MS);
    nic.busMasterChanged(false, port.now);
    nic.busMasterChanged(true, port.now);
    expect(nic.nextTime).toBe(Number.POSITIVE_INFINITY);
    nic.reset('conventional', port.now);
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 10 * MS);
    expect(read(RDH)).toBeGreaterThan(0);
  });

  it('does not come from Bus Master Enable at all where hardware ignores it', () => {
    nic = new NetworkRingEngine(description({ honoursBusMaster: false }), 1);
    fillRing(32);
    write(RCTL, EN);
    nic.busMasterChanged(false, 0);
    runEngine(nic, port, 3 * MS);
    expect(read(RDH)).toBe(3);
  });

  it('waits for bus mastering when the fabric says that it is off', () => {
    fillRing(32);
    write(RCTL, EN);
    port.answer = () => Completion.notMaster;
    runEngine(nic, port, 3 * MS);
    expect(nic.nextTime).toBe(Number.POSITIVE_INFINITY);
    port.answer = () => Completion.success;
    nic.busMasterChanged(true, port.now);
    runEngine(nic, port, 5 * MS);
    expect(read(RDH)).toBeGreaterThan(0);
  });
});

describe('a refused request', () => {
  const refused = () => Completion.unsupportedRequest;

  it('uses up a descriptor without data where the device ignores it', () => {
    fillRing(32);
    write(RCTL, EN);
    port.answer = refused;
    runEngine(nic, port, 3 * MS);
    expect(read(RDH)).toBe(3);
    expect(port.memory.lastWriterAt(BUFFERS)).toBeUndefined();
    expect(port.totals.refused).toBe(3 * 4);
  });

  it('is made again where the device retries, and the work goes on when it succeeds', () => {
    nic = new NetworkRingEngine(description({ onRefusal: 'retry' }), 1);
    fillRing(32);
    write(RCTL, EN);
    port.answer = refused;
    runEngine(nic, port, 10 * MS);
    expect(read(RDH)).toBe(0);
    expect(nic.transactionsPending(port.now)).toBe(true);
    port.answer = () => Completion.success;
    runEngine(nic, port, 13 * MS);
    expect(read(RDH)).toBeGreaterThan(0);
    expect(status(0)).toBe(3);
  });

  it.each(['stop-until-reset', 'fatal-error'] as const)('halts a device that reacts with %s', (onRefusal) => {
    nic = new NetworkRingEngine(description({ onRefusal }), 1);
    fillRing(32);
    write(RCTL, EN);
    port.answer = refused;
    runEngine(nic, port, 10 * MS);
    expect(port.totals.refused).toBe(1);
    expect(port.totals.fatalErrors).toBe(onRefusal === 'fatal-error' ? 1 : 0);
    port.answer = () => Completion.success;
    write(CTRL, RST);
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 20 * MS);
    // A fatal error is not cured by the device's own registers.
    expect(read(RDH) > 0).toBe(onRefusal === 'stop-until-reset');
    nic.reset('conventional', port.now);
    fillRing(32);
    write(RCTL, EN);
    runEngine(nic, port, 40 * MS);
    expect(read(RDH)).toBeGreaterThan(0);
  });
});

describe('frames that go alike', () => {
  it('made in one step are what one after the other would be', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(64, 100, 128, 256),
        fc.constantFrom(64, 128),
        fc.constantFrom(256, 300, 512, 2048),
        fc.integer({ min: 2, max: 15 }).map((eighths) => eighths * 8),
        fc.constantFrom(512, 4096),
        fc.array(fc.integer({ min: 1, max: 40 * MS }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (bytes, burst, apart, descriptors, granule, pauses, interrupts) => {
          const results = (['steady-steps', 'event-by-event'] as const).map((mode) => {
            const shape = description({}, bytes);
            nic = new NetworkRingEngine({ ...shape, workload: { ...shape.workload, burstBytes: burst } }, 1);
            port = new MemoryPort(granule);
            fillRing(descriptors, apart);
            write(RCTL, EN);
            if (interrupts) write(IMS, InterruptCause.receiveTimer);
            let steps = 0;
            for (const pause of pauses) steps += runEngine(nic, port, port.now + pause, mode);
            const hash = new RunningHash();
            nic.hashInto(hash);
            hash.bytes(port.memory.readBytes(BUFFERS, descriptors * apart));
            hash.bytes(port.memory.readBytes(RING, descriptors * 16));
            return { steps, seen: { hash: hash.digest(), totals: port.totals } };
          });
          expect(results[0]?.seen).toEqual(results[1]?.seen);
          expect(results[0]?.steps).toBeLessThanOrEqual(results[1]?.steps ?? 0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are made in one step where buffers share a page and interrupts are masked', () => {
    const stepsWith = (apart: number, cause: number): number => {
      nic = new NetworkRingEngine(description(), 1);
      port = new MemoryPort();
      fillRing(64, apart);
      write(RCTL, EN);
      write(IMS, cause);
      return runEngine(nic, port, 50 * MS);
    };
    const alone = stepsWith(256, InterruptCause.receiveTimer);
    expect(stepsWith(256, 0)).toBeLessThan(alone / 3);
    expect(stepsWith(4096, 0)).toBe(alone);
  });
});
