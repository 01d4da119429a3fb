import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointDescription } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { XhciEngine } from './xhci-engine.ts';

const USBCMD = 0x20;
const CRCR = 0x38;
const DCBAAP = 0x50;
const CONFIG = 0x58;
const IMAN = 0x620;
const ERSTSZ = 0x628;
const ERSTBA = 0x630;
const ERDP = 0x638;
const DOORBELLS = 0x800;

const PAGE = 0x10_0000;
const MS = 1_000_000;
const description: EndpointDescription = {
  kind: 'xhci',
  traits: defaultTraits,
  workload: { ratePerSecond: 1000, bytesPerUnit: 64, burstBytes: 64, direction: 'to-memory' },
};

/** Dwords of the one page in which everything stands: addresses in it, TRB types with either cycle bit, anything. */
const words = fc.array(
  fc.oneof(
    fc.nat(0xffff_ffff),
    fc.nat(0xff).map((at) => PAGE + at * 16),
    fc.tuple(fc.nat(0x3f), fc.nat(0xff)).map(([type, flags]) => ((1 << 24) | (type << 10) | flags) >>> 0),
    fc.constantFrom(0, 1, 16),
  ),
  { minLength: 256, maxLength: 256 },
);

function digest(xhci: XhciEngine): string {
  const hash = new RunningHash();
  xhci.hashInto(hash);
  return hash.digest();
}

it('a controller is bounded in what it does, whatever stands in memory, and its state is plain data', () => {
  const pauses = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(words, pauses, fc.nat(1000), (pattern, milliseconds, seed) => {
      const xhci = new XhciEngine(description, seed);
      const port = new MemoryPort();
      port.answer = (address) =>
        address < 2 ** 30 - 0x1_0000 ? Completion.success : Completion.unsupportedRequest;
      for (const [i, word] of pattern.entries()) port.memory.write32(PAGE + i * 4, word, 0);
      const write = (at: number, value: number): void => xhci.writeRegister(0, at, 4, value, port.now);
      for (const at of [DCBAAP, ERSTBA, ERDP]) write(at, PAGE);
      write(CRCR, PAGE | 1);
      write(CONFIG, 1);
      write(ERSTSZ, 1);
      write(IMAN, 2);
      write(USBCMD, 5);
      for (const pause of milliseconds) {
        write(DOORBELLS, 0);
        write(DOORBELLS + 4, 3);
        const { readRequests, writeRequests } = port.totals;
        const steps = runEngine(xhci, port, port.now + pause * MS);
        // A command and a report each millisecond, and retries of neither.
        expect(steps).toBeLessThanOrEqual(2 * pause + 4);
        const requests = port.totals.readRequests + port.totals.writeRequests - readRequests - writeRequests;
        expect(requests).toBeLessThan((steps + 1) * 80);
        const copy = new XhciEngine(description, seed);
        copy.restore(xhci.snapshot());
        expect([digest(copy), copy.nextTime]).toEqual([digest(xhci), xhci.nextTime]);
        write(ERDP, PAGE | 8);
      }
    }),
    { numRuns: 100 },
  );
});
