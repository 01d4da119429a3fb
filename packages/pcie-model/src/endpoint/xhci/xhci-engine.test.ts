import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointTraits } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { XhciEngine } from './xhci-engine.ts';

const USBCMD = 0x20;
const USBSTS = 0x24;
const CRCR = 0x38;
const DCBAAP = 0x50;
const CONFIG = 0x58;
const IMAN = 0x620;
const ERSTSZ = 0x628;
const ERSTBA = 0x630;
const ERDP = 0x638;
const DOORBELLS = 0x800;

const COMMANDS = 0x10_0000;
const SEGMENTS = 0x10_1000;
const EVENTS = 0x10_2000;
const ARRAY = 0x10_3000;
const DEVICE = 0x10_4000;
const INPUT = 0x10_5000;
const TRANSFERS = 0x10_6000;
const BUFFER = 0x20_0000;
const EVENT_COUNT = 16;
const MS = 1_000_000;

const RUN_WITH_INTERRUPTS = 5;
const ENABLE_SLOT = 9 << 10;
const CONFIGURE = (1 << 24) | (12 << 10);
const NORMAL = (1 << 10) | (1 << 5);
const LINK = 6 << 10;

let xhci: XhciEngine;
let port: MemoryPort;
const read = (at: number): number => xhci.readRegister(0, at, 4, port.now);
const write = (at: number, value: number): void => xhci.writeRegister(0, at, 4, value, port.now);
const run = (ms: number): number => runEngine(xhci, port, port.now + ms * MS);
const get = (at: number): number => port.memory.read32(at);
const put = (at: number, ...values: readonly number[]): void => {
  for (const [i, value] of values.entries()) port.memory.write32(at + i * 4, value >>> 0, 0);
};
const engine = (traits: Partial<EndpointTraits> = {}): XhciEngine =>
  new XhciEngine(
    {
      kind: 'xhci',
      traits: { ...defaultTraits, ...traits },
      workload: { ratePerSecond: 100, bytesPerUnit: 8, burstBytes: 64, direction: 'to-memory' },
    },
    1,
  );

/** Type, completion code and cycle bit of an event. */
const event = (index: number): readonly [type: number, code: number, cycle: number] => {
  const control = get(EVENTS + index * 16 + 12);
  return [(control >>> 10) & 0x3f, get(EVENTS + index * 16 + 8) >>> 24, control & 1];
};

/** Rings, arrays and the run bit, as a driver sets them after a reset. */
function start(): void {
  put(SEGMENTS, EVENTS, 0, EVENT_COUNT, 0);
  put(ARRAY + 8, DEVICE, 0);
  write(CONFIG, 1);
  write(DCBAAP, ARRAY);
  write(CRCR, COMMANDS | 1);
  write(ERSTSZ, 1);
  write(ERDP, EVENTS);
  write(ERSTBA, SEGMENTS);
  write(ERSTBA + 4, 0);
  write(IMAN, 2);
  write(USBCMD, RUN_WITH_INTERRUPTS);
}

/** Enables the slot and configures the endpoint, whose ring begins at TRANSFERS. */
function configure(): void {
  start();
  put(INPUT, 0, (1 << 3) | 1);
  put(INPUT + 4 * 32, 0, 7 << 3, TRANSFERS | 1, 0, 8);
  put(COMMANDS, 0, 0, 0, ENABLE_SLOT | 1);
  put(COMMANDS + 16, INPUT, 0, 0, CONFIGURE | 1);
  write(DOORBELLS, 0);
  run(5);
}

function queue(count: number): void {
  for (let i = 0; i < count; i++) put(TRANSFERS + i * 16, BUFFER + i * 64, 0, 8, NORMAL | 1);
  write(DOORBELLS + 4, 3);
}

beforeEach(() => {
  xhci = engine();
  port = new MemoryPort();
});

describe('an extensible host controller', () => {
  it('completes commands on its event ring, and interrupts once until its handler is done', () => {
    configure();
    expect(event(0)).toEqual([33, 1, 1]);
    expect(event(1)).toEqual([33, 1, 1]);
    expect([get(EVENTS), get(EVENTS + 16)]).toEqual([COMMANDS, COMMANDS + 16]);
    expect(port.totals.interrupts).toBe(1);
    expect([read(USBSTS), read(IMAN), read(ERDP) & 8]).toEqual([8, 3, 8]);
    write(ERDP, (EVENTS + 32) | 8);
    queue(1);
    run(20);
    expect(port.totals.interrupts).toBe(2);
  });

  it('carries contexts over, the endpoint running', () => {
    configure();
    expect(get(DEVICE + 12) >>> 27).toBe(3);
    expect([0, 4, 8, 12].map((at) => get(DEVICE + 3 * 32 + at))).toEqual([1, 7 << 3, TRANSFERS | 1, 0]);
  });

  it('does no DMA while its device has nothing to report', () => {
    configure();
    const before = { ...port.totals };
    run(1000);
    expect(port.totals).toEqual(before);
  });

  it('writes reports into queued transfers at the rate of the workload, with an event each', () => {
    configure();
    queue(4);
    run(25);
    expect(port.memory.lastWriterAt(BUFFER + 64)).toBe('device');
    expect(port.memory.lastWriterAt(BUFFER + 128)).toBe(undefined);
    run(1000);
    expect([2, 3, 4, 5].map(event)).toEqual(Array.from({ length: 4 }, () => [32, 1, 1]));
    expect(get(EVENTS + 5 * 16)).toBe(TRANSFERS + 48);
    expect(event(6)).toEqual([0, 0, 0]);
    expect(xhci.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('follows the link at the end of a ring, and flips the cycle bit with it', () => {
    configure();
    put(TRANSFERS, BUFFER, 0, 8, NORMAL | 1);
    put(TRANSFERS + 16, TRANSFERS, 0, 0, LINK | 2 | 1);
    write(DOORBELLS + 4, 3);
    run(15);
    expect(event(2)).toEqual([32, 1, 1]);
    put(TRANSFERS, BUFFER + 64, 0, 8, NORMAL);
    run(15);
    expect(get(EVENTS + 3 * 16)).toBe(TRANSFERS);
    expect(port.memory.lastWriterAt(BUFFER + 64)).toBe('device');
  });

  it('stops when nobody takes events off the ring, and goes on when somebody does', () => {
    configure();
    queue(30);
    run(2000);
    expect(event(EVENT_COUNT - 2)).toEqual([32, 1, 1]);
    expect(event(EVENT_COUNT - 1)).toEqual([0, 0, 0]);
    write(ERDP, (EVENTS + 14 * 16) | 8);
    run(2000);
    expect(event(EVENT_COUNT - 1)).toEqual([32, 1, 1]);
    // Around the ring, with the other cycle bit.
    expect(event(0)).toEqual([32, 1, 0]);
    expect(event(13)[2]).toBe(1);
  });

  it('refuses what it does not know, and slots that it does not have', () => {
    start();
    put(COMMANDS, 0, 0, 0, (50 << 10) | 1);
    put(COMMANDS + 16, INPUT, 0, 0, CONFIGURE | 1);
    put(COMMANDS + 32, 0, 0, 0, ENABLE_SLOT | 1);
    put(COMMANDS + 48, 0, 0, 0, ENABLE_SLOT | 1);
    write(DOORBELLS, 0);
    run(10);
    expect([0, 1, 2, 3].map((index) => event(index)[1])).toEqual([5, 11, 1, 9]);
  });

  it('asserts its pin while an interrupt pends', () => {
    xhci = engine({ interrupt: 'intx' });
    configure();
    expect([port.totals.interrupts, port.totals.deasserts, read(IMAN)]).toEqual([1, 0, 3]);
    write(IMAN, 3);
    run(1);
    expect([port.totals.deasserts, read(IMAN)]).toEqual([1, 2]);
  });

  it('halts when Run/Stop is cleared, as the hand-off of the USB quirk does, and forgets all on HCRST', () => {
    configure();
    queue(4);
    write(USBCMD, 0);
    expect([read(USBSTS) & 1, xhci.nextTime]).toEqual([1, Number.POSITIVE_INFINITY]);
    write(USBCMD, 2);
    expect([USBCMD, USBSTS, DCBAAP, ERSTBA, IMAN].map(read)).toEqual([0, 1, 0, 0, 0]);
    write(USBCMD, RUN_WITH_INTERRUPTS);
    write(DOORBELLS + 4, 3);
    expect(xhci.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('spends time on a circle of links', () => {
    start();
    put(COMMANDS, COMMANDS, 0, 0, LINK | 1);
    write(DOORBELLS, 0);
    expect(run(50)).toBeLessThanOrEqual(50);
    configure();
    put(TRANSFERS, TRANSFERS, 0, 0, LINK | 1);
    write(DOORBELLS + 4, 3);
    run(2000);
    expect(xhci.nextTime).toBeGreaterThan(port.now);
  });
});

describe('a refused request', () => {
  it('to read is a host system error that halts the controller until a reset, where it stops', () => {
    xhci = engine({ onRefusal: 'stop-until-reset' });
    configure();
    queue(4);
    port.answer = () => Completion.unsupportedRequest;
    run(1000);
    expect(port.totals.refused).toBe(1);
    expect(read(USBSTS) & 5).toBe(5);
    port.answer = () => Completion.success;
    write(USBCMD, RUN_WITH_INTERRUPTS);
    expect(read(USBCMD) & 1).toBe(0);
    write(USBCMD, 2);
    configure();
    expect(event(0)).toEqual([33, 1, 1]);
  });

  it('to write goes unnoticed: report after report is lost', () => {
    xhci = engine({ onRefusal: 'stop-until-reset' });
    configure();
    queue(4);
    port.answer = (_address, isWrite) => (isWrite ? Completion.unsupportedRequest : Completion.success);
    run(1000);
    expect(port.totals.refused).toBe(4 * 2);
    expect(read(USBSTS) & 5).toBe(0);
  });
});
