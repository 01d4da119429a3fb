import { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FrameFlood } from './frame-flood.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('sends broadcast frames behind their length, at its rate, until it is stopped', () => {
  const taken: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk);
      done();
    },
  });
  const flood = new FrameFlood(stream);
  flood.start(200);
  vi.advanceTimersByTime(1000);
  flood.stop();
  vi.advanceTimersByTime(1000);
  expect(taken).toHaveLength(200);
  expect(flood.sent).toBe(200);
  const frame = taken[0] as Buffer;
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  expect(frame.subarray(4, 10).toString('hex')).toBe('ffffffffffff');
  expect(frame.length - 4).toBe(60);
});

it('saves nothing up for a guest that takes nothing', () => {
  const stream = new Duplex({ read() {}, write() {}, highWaterMark: 64 });
  const flood = new FrameFlood(stream);
  flood.start(200);
  vi.advanceTimersByTime(60_000);
  flood.stop();
  expect(flood.sent).toBeLessThan(40);
});
