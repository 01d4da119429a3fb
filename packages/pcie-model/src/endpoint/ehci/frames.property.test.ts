import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits } from '../endpoint-description.ts';
import {
  digest,
  expectFramesInOneStep,
  type Schedule,
  scheduleParts,
} from '../testing/frames-in-one-step.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { EhciEngine } from './ehci-engine.ts';

const USBCMD = 0x20;
const USBINTR = 0x28;
const FRINDEX = 0x2c;
const PERIODICLISTBASE = 0x34;
const ASYNCLISTADDR = 0x38;

const LIST = 0x10_0000;
const HEADS = 0x11_0000;
const TRANSFERS = 0x12_0000;
const BUFFER = 0x20_0000;
const ACTIVE = 1 << 7;
const IN = 1 << 8;
const INTERRUPT = 1 << 15;
const MS = 1_000_000;

const workload = { ratePerSecond: 1000, bytesPerUnit: 1024, burstBytes: 64, direction: 'to-memory' } as const;

interface EhciSchedule extends Schedule {
  /** USBCMD: which lists are enabled. */
  readonly lists: number;
  readonly seed: number;
}

const schedules: fc.Arbitrary<EhciSchedule> = fc.record({
  ...scheduleParts,
  base: fc.constantFrom(0, 1000, 1020, 2040),
  lists: fc.constantFrom(1 << 4, 1 << 4, 1 << 5, 3 << 4),
  seed: fc.nat(1000),
});

function start({ heads, odd, base, lists, seed }: EhciSchedule): { engine: EhciEngine; port: MemoryPort } {
  const port = new MemoryPort();
  const put = (at: number, ...values: readonly number[]): void => {
    for (const [i, value] of values.entries()) port.memory.write32(at + i * 4, value >>> 0, 0);
  };
  const link = (head: number): number => (head < 0 || head >= heads.length ? 1 : (HEADS + head * 128) | 2);
  for (let frame = 0; frame < 1024; frame++) put(LIST + frame * 4, link(0));
  for (const [frame, head] of odd) put(LIST + frame * 4, link(head));
  for (const [index, kind] of heads.entries()) {
    const transfer = TRANSFERS + index * 64;
    const next = kind === 'empty' ? 1 : transfer;
    put(HEADS + index * 128, link(index + 1), 64 << 16, 1, 0, next, 1, 0);
    const active = kind === 'active' ? ACTIVE : 0;
    put(transfer, 1, 1, (8 << 16) | active | INTERRUPT | IN, BUFFER + index * 4096);
  }
  const ehci = new EhciEngine({ kind: 'ehci', traits: defaultTraits, workload }, seed);
  const write = (at: number, value: number): void => ehci.writeRegister(0, at, 4, value, 0);
  write(PERIODICLISTBASE, LIST);
  write(ASYNCLISTADDR, HEADS);
  write(FRINDEX, base * 8);
  write(USBINTR, 1);
  write(USBCMD, 1 | lists);
  return { engine: ehci, port };
}

describe('frames of an enhanced host controller', () => {
  it('that go alike are made in one step with the result of making each', () => {
    expectFramesInOneStep(schedules, start, 30);
  });

  it('are bounded in what they read, whatever stands in memory', () => {
    const words = fc.array(
      fc.oneof(
        fc.nat(0xffff_ffff),
        fc.nat(0x7f).map((at) => (LIST + at * 32) | 2),
        fc.constantFrom(ACTIVE, ACTIVE | IN | (0x4fff << 16), 1),
      ),
      { minLength: 64, maxLength: 64 },
    );
    fc.assert(
      fc.property(words, fc.nat(1000), (pattern, seed) => {
        const port = new MemoryPort();
        for (let i = 0; i < 1024; i++)
          port.memory.write32(LIST + i * 4, (pattern[i % 64] as number) >>> 0, 0);
        const ehci = new EhciEngine({ kind: 'ehci', traits: defaultTraits, workload }, seed);
        const write = (at: number, value: number): void => ehci.writeRegister(0, at, 4, value, port.now);
        // Where there is no memory, reads are refused.
        port.answer = (address) =>
          address < 2 ** 30 - 0x1_0000 ? Completion.success : Completion.unsupportedRequest;
        write(PERIODICLISTBASE, LIST);
        write(ASYNCLISTADDR, LIST);
        write(USBCMD, 0x31);
        runEngine(ehci, port, 40 * MS);
        // 64 heads of 8 transfers of 21 requests, and 1,024 bytes in bursts.
        expect(port.totals.readRequests + port.totals.writeRequests).toBeLessThan(41 * (64 * 8 * 60 + 300));
        const copy = new EhciEngine({ kind: 'ehci', traits: defaultTraits, workload }, seed);
        copy.restore(ehci.snapshot());
        expect(digest(copy)).toBe(digest(ehci));
        expect(copy.nextTime).toBe(ehci.nextTime);
      }),
      { numRuns: 40 },
    );
  });
});
