import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointTraits } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { AhciEngine } from './ahci-engine.ts';

const GHC = 0x04;
const IS = 0x08;
const PORT = 0x100;
const PxCLB = PORT;
const PxFB = PORT + 0x08;
const PxIS = PORT + 0x10;
const PxIE = PORT + 0x14;
const PxCMD = PORT + 0x18;
const PxTFD = PORT + 0x20;
const PxSIG = PORT + 0x24;
const PxSSTS = PORT + 0x28;
const PxSCTL = PORT + 0x2c;
const PxCI = PORT + 0x38;

const ST = 1;
const FRE = 0x10;
const LIST = 0x10_0000;
const FIS = 0x10_1000;
const TABLES = 0x11_0000;
const DATA = 0x20_0000;
const MS = 1_000_000;

let ahci: AhciEngine;
let port: MemoryPort;
const read = (offset: number): number => ahci.readRegister(5, offset, 4, port.now);
const write = (offset: number, value: number): void => ahci.writeRegister(5, offset, 4, value, port.now);
const engine = (traits: Partial<EndpointTraits> = {}, bytesPerUnit = 8192): AhciEngine =>
  new AhciEngine(
    {
      kind: 'ahci',
      traits: { ...defaultTraits, ...traits },
      workload: { ratePerSecond: 100, bytesPerUnit, burstBytes: 128, direction: 'to-memory' },
    },
    1,
  );

function command(slot: number, toDisk: boolean, regions: readonly number[]): void {
  const put = (at: number, value: number): void => port.memory.write32(at, value >>> 0, 0);
  put(LIST + slot * 32, (regions.length << 16) | (toDisk ? 0x40 : 0) | 5);
  put(LIST + slot * 32 + 8, TABLES + slot * 0x400);
  put(LIST + slot * 32 + 12, 0);
  let data = DATA + slot * 0x1_0000;
  for (const [index, bytes] of regions.entries()) {
    const at = TABLES + slot * 0x400 + 0x80 + index * 16;
    put(at, data);
    put(at + 4, 0);
    put(at + 12, bytes - 1);
    data += bytes;
  }
}

function startPort(): void {
  write(PxCLB, LIST);
  write(PxFB, FIS);
  write(PxIE, 0xffff_ffff);
  write(GHC, 2);
  write(PxCMD, FRE | ST);
}

beforeEach(() => {
  ahci = engine();
  port = new MemoryPort();
});

describe('an AHCI controller', () => {
  it('carries out issued commands one after the other and then is idle', () => {
    command(0, false, [4096, 512]);
    command(3, true, [1024]);
    startPort();
    write(PxCI, 0b1001);
    expect(read(PxTFD) & 0x80).toBe(0x80);
    runEngine(ahci, port, 15 * MS);
    expect(read(PxCI)).toBe(0b1000);
    runEngine(ahci, port, 100 * MS);
    expect(read(PxCI)).toBe(0);
    expect(read(PxTFD)).toBe(0x50);
    expect(ahci.nextTime).toBe(Number.POSITIVE_INFINITY);
    expect(port.memory.read32(LIST + 4)).toBe(4608);
    expect(port.memory.lastWriterAt(DATA + 4607)).toBe('device');
    expect(port.memory.lastWriterAt(DATA + 3 * 0x1_0000)).toBeUndefined();
    expect(port.memory.read32(FIS + 0x40)).toBe(0x0050_4034);
    expect(port.totals.interrupts).toBe(2);
    expect(read(IS)).toBe(1);
    write(PxIS, 1);
    write(IS, 1);
    expect(read(IS)).toBe(0);
    runEngine(ahci, port, 101 * MS);
    expect(port.totals.deasserts).toBe(1);
  });

  it('takes no commands while the port is stopped, and drops them when it stops', () => {
    write(PxCI, 1);
    expect(read(PxCI)).toBe(0);
    command(0, false, [512]);
    startPort();
    write(PxCI, 1);
    write(PxCMD, FRE);
    expect([read(PxCI), read(PxCMD) >>> 15, ahci.nextTime]).toEqual([0, 0, Number.POSITIVE_INFINITY]);
  });

  it('is silent with interrupts disabled in GHC', () => {
    command(0, false, [512]);
    startPort();
    write(GHC, 0);
    write(PxCI, 1);
    runEngine(ahci, port, 50 * MS);
    expect(port.totals.interrupts).toBe(0);
    write(GHC, 2);
    runEngine(ahci, port, 51 * MS);
    expect(port.totals.interrupts).toBe(1);
  });

  it('resets by GHC.HR: the bit stays a while, the link trains anew, the signature needs FIS receive', () => {
    startPort();
    write(GHC, 1);
    expect(read(GHC) & 1).toBe(1);
    expect(read(PxSSTS) & 0xf).toBe(0);
    port.now += 20 * MS;
    expect(read(GHC) & 1).toBe(0);
    expect(read(PxSSTS)).toBe(0x133);
    expect(read(PxSIG)).toBe(0xffff_ffff);
    write(PxCMD, FRE);
    expect(read(PxSIG)).toBe(0x101);
  });

  it('holds the link in COMRESET while SCTL.DET is 1', () => {
    write(PxSCTL, 1);
    port.now += 20 * MS;
    expect(read(PxSSTS) & 0xf).toBe(0);
    write(PxSCTL, 0);
    expect(read(PxSSTS) & 0xf).toBe(0);
    port.now += 20 * MS;
    expect(read(PxSSTS) & 0xf).toBe(3);
  });

  it('reports a host bus fatal error when it stops at a refused request', () => {
    ahci = engine({ onRefusal: 'stop-until-reset' });
    command(0, false, [512]);
    startPort();
    write(PxCI, 1);
    port.answer = () => Completion.unsupportedRequest;
    runEngine(ahci, port, 100 * MS);
    expect(port.totals.refused).toBe(1);
    expect(read(PxIS)).toBe(1 << 29);
    expect(port.totals.interrupts).toBe(1);
  });

  it('takes time over a header full of garbage', () => {
    startPort();
    for (let at = 0; at < 32; at += 4) port.memory.write32(LIST + at, 0xffff_ffff, 0);
    write(PxCI, 1);
    port.answer = (address) => (address < 2 ** 30 ? Completion.success : Completion.unsupportedRequest);
    runEngine(ahci, port, 1000 * MS);
    expect(read(PxCI)).toBe(1);
    expect(port.totals.readRequests + port.totals.writeRequests).toBeLessThan(10_000);
  });
});
