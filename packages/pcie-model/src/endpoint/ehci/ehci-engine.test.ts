import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointTraits } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { EhciEngine } from './ehci-engine.ts';

const HCCPARAMS = 0x08;
const USBCMD = 0x20;
const USBSTS = 0x24;
const USBINTR = 0x28;
const FRINDEX = 0x2c;
const PERIODICLISTBASE = 0x34;
const ASYNCLISTADDR = 0x38;

const RUN = 1;
const PERIODIC = 1 << 4;
const ASYNCHRONOUS = 1 << 5;
const HALTED = 1 << 12;
const HSE = 1 << 4;

const LIST = 0x10_0000;
const HEAD = 0x11_0000;
const TRANSFER = 0x11_0100;
const TAIL = 0x11_0200;
const BUFFER = 0x20_0000;
const TERMINATE = 1;
const ACTIVE = 1 << 7;
const IN = 1 << 8;
const SETUP = 2 << 8;
const INTERRUPT = 1 << 15;
const MS = 1_000_000;

let ehci: EhciEngine;
let port: MemoryPort;
const read = (at: number): number => ehci.readRegister(0, at, 4, port.now);
const write = (at: number, value: number): void => ehci.writeRegister(0, at, 4, value, port.now);
const engine = (traits: Partial<EndpointTraits> = {}): EhciEngine =>
  new EhciEngine(
    {
      kind: 'ehci',
      traits: { ...defaultTraits, ...traits },
      workload: { ratePerSecond: 1000, bytesPerUnit: 4096, burstBytes: 64, direction: 'to-memory' },
    },
    1,
  );
const put = (at: number, ...values: readonly number[]): void => {
  for (const [i, value] of values.entries()) port.memory.write32(at + i * 4, value >>> 0, 0);
};
const get = (at: number): number => port.memory.read32(at);

/** A queue head with an empty overlay that goes on with `next`. */
function queueHead(
  at: number,
  options: { link?: number; next?: number; mask?: number; flags?: number },
): void {
  const { link = TERMINATE, next = TERMINATE, mask = 1, flags = 0 } = options;
  put(at, link, (64 << 16) | flags, mask, 0, next, TERMINATE, 0);
}

function transfer(at: number, next: number, token: number, buffer = BUFFER): void {
  put(at, next, TERMINATE, token | ACTIVE, buffer);
}

/** Every entry of the list -> one interrupt queue head with a transfer of 8 bytes. */
function periodic(): void {
  for (let i = 0; i < 1024; i++) put(LIST + i * 4, HEAD | 2);
  queueHead(HEAD, { next: TRANSFER });
  transfer(TRANSFER, TAIL, (8 << 16) | INTERRUPT | IN);
  put(TAIL, TERMINATE, TERMINATE, 0);
  write(PERIODICLISTBASE, LIST);
  write(USBINTR, 0x13);
  write(USBCMD, RUN | PERIODIC);
}

/** A ring of one queue head with a control transfer: SETUP, 18 bytes IN, status OUT. */
function asynchronous(): void {
  queueHead(HEAD, { link: HEAD | 2, next: TRANSFER, mask: 0, flags: 1 << 15 });
  transfer(TRANSFER, TRANSFER + 0x40, (8 << 16) | SETUP);
  transfer(TRANSFER + 0x40, TRANSFER + 0x80, (18 << 16) | IN, BUFFER + 0x40);
  transfer(TRANSFER + 0x80, TERMINATE, INTERRUPT);
  write(ASYNCLISTADDR, HEAD);
  write(USBINTR, 0x33);
  write(USBCMD, RUN | ASYNCHRONOUS);
}

beforeEach(() => {
  ehci = engine();
  port = new MemoryPort();
});

describe('an enhanced host controller', () => {
  it('reads its list and the queue head in it each millisecond, and writes nothing while nothing is to be reported', () => {
    periodic();
    queueHead(HEAD, {});
    runEngine(ehci, port, 101 * MS);
    expect(read(FRINDEX) >>> 3).toBeGreaterThan(99);
    expect(port.totals.readRequests).toBeGreaterThan(300);
    expect(port.totals.writeRequests).toBe(0);
  });

  it('asks an interrupt endpoint in each frame, and takes its report in one of 128', () => {
    periodic();
    runEngine(ehci, port, 129 * MS);
    expect(port.memory.lastWriterAt(BUFFER)).toBe('device');
    expect(port.totals.interrupts).toBe(1);
    expect(get(TRANSFER + 8)).toBe(INTERRUPT | IN);
    // The overlay: current transfer, next one, token.
    expect([get(HEAD + 0x0c), get(HEAD + 0x10), get(HEAD + 0x18)]).toEqual([TRANSFER, TAIL, INTERRUPT | IN]);
    expect(read(USBSTS) & 0x3f).toBe(1);
    write(USBSTS, 1);
    runEngine(ehci, port, port.now + 1);
    expect(port.totals.deasserts).toBe(1);
    const { writeRequests } = port.totals;
    runEngine(ehci, port, 1000 * MS);
    expect(port.totals.writeRequests).toBe(writeRequests);
  });

  it('carries out a control transfer of the asynchronous list at once', () => {
    asynchronous();
    runEngine(ehci, port, 3 * MS);
    expect(port.memory.lastWriterAt(BUFFER)).toBe(undefined);
    expect(port.memory.lastWriterAt(BUFFER + 0x40 + 17)).toBe('device');
    for (const at of [0, 0x40, 0x80]) expect(get(TRANSFER + at + 8) & (ACTIVE | 0x7fff_0000)).toBe(0);
    expect(port.totals.interrupts).toBe(1);
  });

  it('moves a transfer over pages, by the pointers of each', () => {
    asynchronous();
    transfer(TRANSFER, TERMINATE, (0x2000 << 16) | IN, BUFFER + 0xf00);
    put(TRANSFER + 0x10, BUFFER + 0x5000, BUFFER + 0x9000);
    put(TRANSFER + 0x20, 0, 0, 0);
    runEngine(ehci, port, 10 * MS);
    for (const at of [0xf00, 0xfff, 0x5000, 0x5fff, 0x9000, 0x9eff]) {
      expect(port.memory.lastWriterAt(BUFFER + at), at.toString(16)).toBe('device');
    }
    for (const at of [0xeff, 0x1000, 0x9f00]) {
      expect(port.memory.lastWriterAt(BUFFER + at), at.toString(16)).toBe(undefined);
    }
    expect(get(TRANSFER + 8) & 0x7fff_0080).toBe(0);
  });

  it('rings back when the asynchronous list has advanced', () => {
    asynchronous();
    runEngine(ehci, port, 3 * MS);
    write(USBSTS, 0x3f);
    write(USBCMD, RUN | ASYNCHRONOUS | (1 << 6));
    runEngine(ehci, port, 5 * MS);
    expect(read(USBSTS) & 0x20).toBe(0x20);
    expect(read(USBCMD) & 0x40).toBe(0);
  });

  it('halts when Run/Stop is cleared, as the hand-off of the USB quirk does', () => {
    periodic();
    runEngine(ehci, port, 5 * MS);
    expect(read(USBSTS) & 0xf000).toBe(1 << 14);
    write(USBCMD, PERIODIC);
    expect(read(USBSTS) & 0xf000).toBe(HALTED);
    expect(ehci.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('clears its registers on HCRESET', () => {
    periodic();
    write(USBCMD, 2);
    expect([USBCMD, USBINTR, PERIODICLISTBASE, USBSTS].map(read)).toEqual([0x8_0000, 0, 0, HALTED]);
  });

  it('says in EECP where its legacy support stands', () => {
    expect(read(HCCPARAMS)).toBe(1);
    ehci = engine({ legacySupport: 0x68 });
    expect(read(HCCPARAMS)).toBe(0x6801);
  });

  it('ends circles of links and of transfers with the frame', () => {
    periodic();
    queueHead(HEAD, { link: HEAD | 2, next: TRANSFER });
    transfer(TRANSFER, TRANSFER, 0);
    runEngine(ehci, port, 3 * MS);
    expect(port.totals.readRequests).toBeLessThan(3 * 32 * 8 * 24);
  });

  it('does not follow links to isochronous transfers', () => {
    periodic();
    for (let i = 0; i < 1024; i++) put(LIST + i * 4, HEAD);
    runEngine(ehci, port, 11 * MS);
    expect(port.totals.readRequests).toBeLessThanOrEqual(11);
  });
});

describe('a refused request', () => {
  it('is a host system error that halts the controller until a reset, where it stops', () => {
    ehci = engine({ onRefusal: 'stop-until-reset', interrupt: 'intx' });
    periodic();
    port.answer = () => Completion.unsupportedRequest;
    runEngine(ehci, port, 50 * MS);
    expect(port.totals.refused).toBe(1);
    expect(port.totals.interrupts).toBe(1);
    expect(read(USBSTS)).toBe(HALTED | HSE);
    port.answer = () => Completion.success;
    write(USBCMD, RUN | PERIODIC);
    runEngine(ehci, port, 60 * MS);
    expect([read(USBCMD) & RUN, port.totals.readRequests]).toEqual([0, 1]);
    write(USBCMD, 2);
    periodic();
    runEngine(ehci, port, 70 * MS);
    expect(read(FRINDEX) >>> 3).toBeGreaterThan(5);
  });

  it('is one for each queue head that cannot be read, where it is ignored', () => {
    periodic();
    port.answer = (address) =>
      address >= HEAD && address < TAIL ? Completion.unsupportedRequest : Completion.success;
    runEngine(ehci, port, 10 * MS);
    expect(port.totals.refused).toBe(port.totals.readRequests / 2);
  });

  it('goes unnoticed if it was a write: writes are posted', () => {
    ehci = engine({ onRefusal: 'stop-until-reset' });
    asynchronous();
    port.answer = (_address, isWrite) => (isWrite ? Completion.unsupportedRequest : Completion.success);
    runEngine(ehci, port, 10 * MS);
    expect(port.totals.refused).toBeGreaterThan(1);
    expect(read(USBSTS) & (HSE | HALTED)).toBe(0);
  });
});
