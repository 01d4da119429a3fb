import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointTraits } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { UhciEngine } from './uhci-engine.ts';

const USBCMD = 0x00;
const USBSTS = 0x02;
const USBINTR = 0x04;
const FRNUM = 0x06;
const FRBASEADD = 0x08;
const LIST = 0x10_0000;
const HEAD = 0x11_0000;
const DESCRIPTOR = 0x11_0100;
const BUFFER = 0x20_0000;
const MS = 1_000_000;

let uhci: UhciEngine;
let port: MemoryPort;
const read = (at: number, size = 2): number => uhci.readRegister(4, at, size, port.now);
const write = (at: number, value: number, size = 2): void => uhci.writeRegister(4, at, size, value, port.now);
const engine = (traits: Partial<EndpointTraits> = {}): UhciEngine =>
  new UhciEngine(
    {
      kind: 'uhci',
      traits: { ...defaultTraits, ...traits },
      workload: { ratePerSecond: 1000, bytesPerUnit: 1024, burstBytes: 64, direction: 'to-memory' },
    },
    1,
  );
const put = (at: number, value: number): void => port.memory.write32(at, value >>> 0, 0);

/** Frame list -> one queue head -> one active IN transfer of 8 bytes. */
function schedule(): void {
  for (let i = 0; i < 1024; i++) put(LIST + i * 4, HEAD | 2);
  put(HEAD, 1);
  put(HEAD + 4, DESCRIPTOR);
  put(DESCRIPTOR, 1);
  put(DESCRIPTOR + 4, (1 << 23) | (1 << 24));
  put(DESCRIPTOR + 8, (7 << 21) | 0x69);
  put(DESCRIPTOR + 12, BUFFER);
  write(FRBASEADD, LIST, 4);
  write(USBINTR, 4);
  write(USBCMD, 1);
}

beforeEach(() => {
  uhci = engine();
  port = new MemoryPort();
});

describe('a universal host controller', () => {
  it('reads a frame list entry and its queue head each millisecond', () => {
    schedule();
    put(HEAD + 4, 1);
    runEngine(uhci, port, 11 * MS);
    expect(read(FRNUM)).toBe(10);
    expect(port.totals.readRequests).toBe(30);
    expect(port.totals.writeRequests).toBe(0);
  });

  it('carries out an active transfer once, takes it off its queue and interrupts', () => {
    schedule();
    runEngine(uhci, port, 11 * MS);
    expect(port.memory.lastWriterAt(BUFFER)).toBe('device');
    expect(port.memory.read32(DESCRIPTOR + 4)).toBe((1 << 24) | 7);
    expect(port.memory.read32(HEAD + 4)).toBe(1);
    expect(port.totals.interrupts).toBe(1);
    expect(read(USBSTS)).toBe(1);
    write(USBSTS, 1);
    runEngine(uhci, port, 11 * MS + 1);
    expect(port.totals.deasserts).toBe(1);
  });

  it('halts when Run/Stop is cleared, as the hand-off of the USB quirk does', () => {
    schedule();
    runEngine(uhci, port, 5 * MS);
    write(USBCMD, 0);
    expect(read(USBSTS) & 0x20).toBe(0x20);
    expect(uhci.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('clears its registers on HCRESET', () => {
    schedule();
    write(USBCMD, 2);
    expect([read(USBCMD), read(FRBASEADD, 4), read(USBINTR), read(USBSTS)]).toEqual([0, 0, 0, 0x20]);
  });

  it('stays in global reset until software ends it', () => {
    schedule();
    write(USBCMD, 4);
    expect([read(USBCMD), read(FRBASEADD, 4)]).toEqual([4, 0]);
    write(USBCMD, 0);
    expect(read(USBCMD)).toBe(0);
  });

  it('ends a loop of links with the frame', () => {
    schedule();
    put(HEAD, HEAD | 2);
    put(HEAD + 4, 1);
    runEngine(uhci, port, 3 * MS);
    expect(port.totals.readRequests).toBeLessThan(200);
  });

  it('reports a host system error and stops, where it stops at a refused request', () => {
    uhci = engine({ onRefusal: 'stop-until-reset' });
    schedule();
    port.answer = () => Completion.unsupportedRequest;
    runEngine(uhci, port, 50 * MS);
    expect(port.totals.refused).toBe(1);
    expect(read(USBSTS)).toBe(0x28);
    expect(read(USBCMD) & 1).toBe(0);
    write(USBSTS, 8);
    port.answer = () => Completion.success;
    write(USBCMD, 1);
    runEngine(uhci, port, 60 * MS);
    expect(read(FRNUM)).toBeGreaterThan(5);
  });

  it('goes on with the next frame where it ignores a refused request', () => {
    schedule();
    port.answer = () => Completion.unsupportedRequest;
    runEngine(uhci, port, 11 * MS);
    expect(port.totals.refused).toBe(10);
  });
});
