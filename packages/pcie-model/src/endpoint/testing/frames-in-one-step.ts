import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { EndpointEngine } from '../endpoint-engine.ts';
import { type MemoryPort, runEngine } from './memory-port.ts';

/** Queue heads of a USB schedule, one after the other, each with a transfer that is active or not, or with none. */
export interface Schedule {
  readonly heads: readonly ('empty' | 'inactive' | 'active')[];
  /** Frames whose entry leads to another head than the first; -1 to none. */
  readonly odd: readonly (readonly [frame: number, head: number])[];
  /** Frame that the controller begins with. */
  readonly base: number;
}

/** Parts of a {@link Schedule}, to be combined with what a controller has beside them. */
export const scheduleParts: {
  readonly heads: fc.Arbitrary<Schedule['heads']>;
  readonly odd: fc.Arbitrary<Schedule['odd']>;
} = {
  heads: fc.array(fc.constantFrom('empty', 'inactive', 'active'), { minLength: 1, maxLength: 4 }),
  odd: fc.array(fc.tuple(fc.nat(1023), fc.integer({ min: -1, max: 3 })), { maxLength: 12 }),
};

/** Hash of all that an engine holds. */
export function digest(engine: EndpointEngine): string {
  const hash = new RunningHash();
  engine.hashInto(hash);
  return hash.digest();
}

/** Frames that go alike are made in one step, with the result of making each. */
export function expectFramesInOneStep<T>(
  schedules: fc.Arbitrary<T>,
  start: (schedule: T) => { readonly engine: EndpointEngine; readonly port: MemoryPort },
  numRuns: number,
): void {
  const pauses = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 });
  let steps = 0;
  let frames = 0;
  fc.assert(
    fc.property(schedules, pauses, (schedule, milliseconds) => {
      const quick = start(schedule);
      const slow = start(schedule);
      let until = 0;
      for (const pause of milliseconds) {
        until += pause * 1_000_000 + 17;
        steps += runEngine(quick.engine, quick.port, until);
        frames += runEngine(slow.engine, slow.port, until, 'event-by-event');
        expect(digest(quick.engine)).toBe(digest(slow.engine));
        expect(quick.port.totals).toEqual(slow.port.totals);
        expect(quick.engine.nextTime).toBe(slow.engine.nextTime);
      }
    }),
    { numRuns },
  );
  expect(steps * 4).toBeLessThan(frames);
}
