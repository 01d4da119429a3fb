import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PhysicalMemory } from '../memory/physical-memory.ts';
import { RandomStream } from '../random/random-stream.ts';
import { registerLayout } from '../registers/layout.ts';
import { RegisterFile } from '../registers/register-file.ts';
import { EventCalendar } from '../time/event-calendar.ts';
import { Trace, traceKind } from '../trace/trace.ts';
import { RunningHash } from './running-hash.ts';
import { StateSet } from './snapshot.ts';

const tick = traceKind('tick', ['source', 'address']);
const layout = registerLayout({
  name: 'counter',
  specification: '-',
  size: 4,
  registers: [
    {
      name: 'COUNT',
      offset: 0,
      width: 32,
      section: '-',
      fields: [{ name: 'VALUE', high: 31, low: 0, access: 'RW' }],
    },
  ],
});

/** Three sources that draw, write memory, count in a register and note it. */
function laboratory(seed: number) {
  const calendar = new EventCalendar();
  const random = new RandomStream(seed);
  const memory = new PhysicalMemory([{ start: 0, end: 0x10_0000, owner: 'first-kernel' }]);
  const registers = new RegisterFile(4);
  registers.place(layout);
  const trace = new Trace(16);
  const source = calendar.register((argument) => {
    const address = random.nextInteger(0, 0xfff) * 4;
    memory.write32(address, random.nextUint32(), memory.writer(`source ${argument}`));
    registers.write(0, 4, registers.read(0, 4) + 1);
    trace.record(tick, calendar.now, argument, address);
    if (random.nextBoolean(0.2)) calendar.scheduleAfter(random.nextInteger(0, 9), source, argument + 10);
  });
  const state = new StateSet();
  state.add('calendar', calendar);
  state.add('random', random);
  state.add('memory', memory);
  state.add('registers', registers);
  state.add('trace', trace);
  const hash = (): string => {
    const running = new RunningHash();
    state.hashInto(running);
    return running.digest();
  };
  const start = (): void => {
    for (const period of [3, 5, 7]) calendar.schedulePeriodic(period, period, source, period);
  };
  return { calendar, state, hash, start };
}

it('clones, hashes and restores a whole laboratory at any instant', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(200), fc.nat(200), fc.nat(50), (seed, until, more, elsewhere) => {
      const original = laboratory(seed);
      original.start();
      original.calendar.runUntil(until);
      const state = original.state.snapshot();
      const hash = original.hash();
      const copy = laboratory(seed + 1);
      copy.start();
      copy.calendar.runUntil(elsewhere);
      copy.state.restore(structuredClone(state));
      expect(copy.hash()).toBe(hash);
      original.calendar.runUntil(until + more);
      copy.calendar.runUntil(until + more);
      expect(copy.hash()).toBe(original.hash());
      original.state.restore(state);
      expect(original.hash()).toBe(hash);
    }),
    { numRuns: 60 },
  );
});
