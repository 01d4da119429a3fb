import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { ScanOutEngine } from './scan-out-engine.ts';

const PIPEDSL = 0x7_0000;
const FRAMES = 0x7_0040;
const DSPCNTR = 0x7_0180;
const DSPSTRIDE = 0x7_0188;
const DSPSIZE = 0x7_0190;
const DSPSURF = 0x7_019c;
const BUFFER = 0x20_0000;
const MS = 1_000_000;

const engine = (bytesPerUnit = 1024, burstBytes = 64, ratePerSecond = 10_000): ScanOutEngine =>
  new ScanOutEngine(
    {
      kind: 'scan-out',
      traits: defaultTraits,
      workload: { ratePerSecond, bytesPerUnit, burstBytes, direction: 'from-memory' },
    },
    3,
  );

function show(display: ScanOutEngine, stride: number, lines: number, now = 0): void {
  display.writeRegister(0, DSPSTRIDE, 4, stride, now);
  display.writeRegister(0, DSPSIZE, 4, (lines - 1) << 16, now);
  display.writeRegister(0, DSPSURF, 4, BUFFER, now);
  display.writeRegister(0, DSPCNTR, 4, 0x8000_0000, now);
}

describe('a display plane', () => {
  it('reads its frame buffer for ever and writes nothing', () => {
    const port = new MemoryPort();
    const display = engine();
    show(display, 1024, 100);
    runEngine(display, port, 1000 * MS);
    expect(port.totals.readBytes).toBe(10_000 * 1024);
    expect(port.totals.writeRequests).toBe(0);
    expect(display.readRegister(0, FRAMES, 4, port.now)).toBe(100);
    runEngine(display, port, 1001 * MS);
    expect(display.readRegister(0, PIPEDSL, 4, port.now)).toBe(10);
  });

  it('stops when the plane is disabled, and on a reset', () => {
    const port = new MemoryPort();
    const display = engine();
    show(display, 1024, 100);
    runEngine(display, port, 5 * MS);
    display.writeRegister(0, DSPCNTR, 4, 0, port.now);
    expect(display.nextTime).toBe(Number.POSITIVE_INFINITY);
    show(display, 1024, 100, port.now);
    display.reset('conventional', port.now);
    expect(display.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('shows its picture without bus mastering only from a frame buffer of its own', () => {
    for (const [ratePerSecond, own] of [
      [10_000, false],
      [1e-6, true],
    ] as const) {
      const display = engine(1024, 64, ratePerSecond);
      display.busMasterChanged(true, 0);
      expect(display.showsPicture).toBe(false);
      show(display, 1024, 100);
      expect(display.showsPicture).toBe(true);
      display.busMasterChanged(false, MS);
      expect(display.showsPicture).toBe(own);
      display.busMasterChanged(true, 2 * MS);
      expect(display.showsPicture).toBe(true);
      display.reset('conventional', 3 * MS);
      expect(display.showsPicture).toBe(false);
    }
  });

  it('gives the same result in many steps and in few', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(256, 960, 1024, 1280, 4096),
        fc.constantFrom(64, 128, 256),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(512, 4096),
        fc.array(fc.integer({ min: 1, max: 20 * MS }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (bytes, burst, lines, granule, pauses, refuses) => {
          const results = (['steady-steps', 'event-by-event'] as const).map((mode) => {
            const port = new MemoryPort(granule);
            const display = engine(bytes, burst);
            if (refuses) port.answer = () => Completion.unsupportedRequest;
            show(display, Math.ceil(bytes / 64) * 64, lines);
            for (const pause of pauses) runEngine(display, port, port.now + pause, mode);
            const hash = new RunningHash();
            display.hashInto(hash);
            return { hash: hash.digest(), totals: port.totals, state: display.snapshot() };
          });
          expect(results[0]).toEqual(results[1]);
        },
      ),
    );
  });
});
