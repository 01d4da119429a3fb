import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointTraits } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { NvmeEngine } from './nvme-engine.ts';

const INTMS = 0x0c;
const INTMC = 0x10;
const CC = 0x14;
const CSTS = 0x1c;
const AQA = 0x24;
const ASQ = 0x28;
const ACQ = 0x30;
const SQ0TDBL = 0x1000;
const CQ0HDBL = 0x1004;
const SQ1TDBL = 0x1008;
const CQ1HDBL = 0x100c;

const ADMIN_SQ = 0x10_0000;
const ADMIN_CQ = 0x10_1000;
const IO_SQ = 0x10_2000;
const IO_CQ = 0x10_3000;
const DATA = 0x20_0000;
const MS = 1_000_000;

let nvme: NvmeEngine;
let port: MemoryPort;
const read = (offset: number): number => nvme.readRegister(0, offset, 4, port.now);
const write = (offset: number, value: number): void => nvme.writeRegister(0, offset, 4, value, port.now);
const run = (ms: number): number => runEngine(nvme, port, port.now + ms * MS);
const engine = (traits: Partial<EndpointTraits> = {}): NvmeEngine =>
  new NvmeEngine(
    {
      kind: 'nvme',
      traits: { ...defaultTraits, ...traits },
      workload: { ratePerSecond: 1000, bytesPerUnit: 65_536, burstBytes: 256, direction: 'to-memory' },
    },
    1,
  );

interface Command {
  opcode: number;
  id: number;
  prp1?: number;
  prp2?: number;
  dword10?: number;
  dword11?: number;
  dword12?: number;
}

function submit(queue: number, slot: number, c: Command): void {
  const at = queue + slot * 64;
  const words = [c.opcode | (c.id << 16), 1, 0, 0, 0, 0, c.prp1 ?? 0, 0, c.prp2 ?? 0, 0];
  words.push(c.dword10 ?? 0, c.dword11 ?? 0, c.dword12 ?? 0, 0, 0, 0);
  for (const [index, word] of words.entries()) port.memory.write32(at + index * 4, word >>> 0, 0);
}

const completion = (queue: number, slot: number) => {
  const word = port.memory.read32(queue + slot * 16 + 12);
  return { id: word & 0xffff, phase: (word >>> 16) & 1, status: word >>> 17 };
};

function enable(): void {
  write(AQA, (15 << 16) | 15);
  write(ASQ, ADMIN_SQ);
  write(ACQ, ADMIN_CQ);
  write(CC, 1);
  port.now += 5 * MS;
}

/** A pair of I/O queues of `entries`. */
function createQueues(entries = 16): void {
  submit(ADMIN_SQ, 0, { opcode: 5, id: 1, prp1: IO_CQ, dword10: ((entries - 1) << 16) | 1, dword11: 3 });
  submit(ADMIN_SQ, 1, {
    opcode: 1,
    id: 2,
    prp1: IO_SQ,
    dword10: ((entries - 1) << 16) | 1,
    dword11: 0x1_0001,
  });
  write(SQ0TDBL, 2);
  run(1);
  write(CQ0HDBL, 2);
}

beforeEach(() => {
  nvme = engine();
  port = new MemoryPort();
});

describe('an NVMe controller', () => {
  it('is ready some time after CC.EN, and not ready at once after it is cleared', () => {
    write(CC, 1);
    expect(read(CSTS) & 1).toBe(0);
    port.now += 5 * MS;
    expect(read(CSTS) & 1).toBe(1);
    write(CC, 0);
    expect(read(CSTS) & 1).toBe(0);
  });

  it('answers Identify through the admin queues', () => {
    enable();
    submit(ADMIN_SQ, 0, { opcode: 6, id: 7, prp1: DATA, dword10: 1 });
    write(SQ0TDBL, 1);
    run(1);
    expect(port.memory.lastWriterAt(DATA + 4095)).toBe('device');
    expect(completion(ADMIN_CQ, 0)).toEqual({ id: 7, phase: 1, status: 0 });
    expect(port.totals.interrupts).toBe(1);
    write(CQ0HDBL, 1);
    run(1);
    expect(port.totals.deasserts).toBe(1);
  });

  it('refuses what it does not know', () => {
    enable();
    submit(ADMIN_SQ, 0, { opcode: 0x7f, id: 1 });
    submit(ADMIN_SQ, 1, { opcode: 5, id: 2, dword10: 9 });
    write(SQ0TDBL, 2);
    run(1);
    expect([completion(ADMIN_CQ, 0).status, completion(ADMIN_CQ, 1).status]).toEqual([1, 2]);
  });

  it('reads into PRP1 and PRP2, and through a list where there are more pages', () => {
    enable();
    createQueues();
    submit(IO_SQ, 0, { opcode: 2, id: 10, prp1: DATA, prp2: DATA + 0x5000, dword12: 15 });
    port.memory.write32(0x30_0000, DATA + 0x8000, 0);
    port.memory.write32(0x30_0008, DATA + 0xa000, 0);
    submit(IO_SQ, 1, { opcode: 2, id: 11, prp1: DATA + 0x6000, prp2: 0x30_0000, dword12: 23 });
    write(SQ1TDBL, 2);
    run(5);
    for (const page of [0, 0x5000, 0x6000, 0x8000, 0xa000]) {
      expect(port.memory.lastWriterAt(DATA + page + 4095)).toBe('device');
    }
    expect(port.memory.lastWriterAt(DATA + 0x7000)).toBeUndefined();
    expect([completion(IO_CQ, 0).id, completion(IO_CQ, 1).id]).toEqual([10, 11]);
  });

  it('reads memory when it writes to the disk', () => {
    enable();
    createQueues();
    const before = port.totals.writtenBytes;
    submit(IO_SQ, 0, { opcode: 1, id: 1, prp1: DATA, dword12: 7 });
    write(SQ1TDBL, 1);
    run(5);
    expect(port.totals.writtenBytes - before).toBe(8);
  });

  it('finishes outstanding work while the completion queue has room, and then waits for ever', () => {
    enable();
    createQueues(4);
    for (let i = 0; i < 3; i++) submit(IO_SQ, i, { opcode: 2, id: i, prp1: DATA, dword12: 0 });
    write(SQ1TDBL, 3);
    run(50);
    expect(nvme.nextTime).toBe(Number.POSITIVE_INFINITY);
    submit(IO_SQ, 3, { opcode: 2, id: 3, prp1: DATA, dword12: 0 });
    write(SQ1TDBL, 0);
    run(50);
    expect(completion(IO_CQ, 3).phase).toBe(0);
    write(CQ1HDBL, 3);
    run(50);
    expect(completion(IO_CQ, 3)).toEqual({ id: 3, phase: 1, status: 0 });
  });

  it('flips the phase tag when the completion queue wraps', () => {
    enable();
    createQueues(2);
    for (let i = 0; i < 4; i++) {
      submit(IO_SQ, i % 2, { opcode: 0, id: i });
      write(SQ1TDBL, (i + 1) % 2);
      run(5);
      expect(completion(IO_CQ, i % 2)).toEqual({ id: i, phase: i < 2 ? 1 : 0, status: 0 });
      write(CQ1HDBL, (i + 1) % 2);
    }
  });

  it('can be masked by INTMS and INTMC, which show one mask', () => {
    enable();
    write(INTMS, 0xffff_ffff);
    expect(read(INTMC)).toBe(0xffff_ffff);
    submit(ADMIN_SQ, 0, { opcode: 6, id: 7, prp1: DATA });
    write(SQ0TDBL, 1);
    run(1);
    expect(port.totals.interrupts).toBe(0);
    write(INTMC, 1);
    expect(read(INTMS)).toBe(0xffff_fffe);
    run(1);
    expect(port.totals.interrupts).toBe(1);
  });

  it('forgets its queues when disabled, and stale work with them', () => {
    enable();
    createQueues();
    submit(IO_SQ, 0, { opcode: 2, id: 0, prp1: DATA });
    write(SQ1TDBL, 1);
    write(CC, 0);
    run(1);
    expect(nvme.nextTime).toBe(Number.POSITIVE_INFINITY);
    write(CC, 1);
    port.now += 5 * MS;
    write(SQ1TDBL, 1);
    run(10);
    expect(port.memory.lastWriterAt(DATA)).toBeUndefined();
  });

  it('shows Controller Fatal Status when it stops at a refused request', () => {
    nvme = engine({ onRefusal: 'stop-until-reset' });
    enable();
    port.answer = () => Completion.unsupportedRequest;
    write(SQ0TDBL, 1);
    run(5);
    expect(read(CSTS) & 2).toBe(2);
    expect(port.totals.refused).toBe(1);
    write(CC, 0);
    expect(read(CSTS) & 2).toBe(0);
  });
});
