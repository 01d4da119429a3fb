import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from './testing/built-function.ts';
import { BuiltMachine } from './testing/built-machine.ts';

const places = ['00:01.0', '01:00.0', '02:00.0', '03:00.0', '03:00.1'];
const registers = [
  0x04,
  0x18,
  0x3c,
  0x10,
  at.powerManagement + 4,
  at.express + 8,
  at.express + 0x10,
  at.express + 0x18,
  at.msi,
  at.aer + 4,
  at.aer + 8,
  at.dpc + 4,
  at.dpc + 8,
  at.sriov + 8,
];
const bits = [0, 0xffff_ffff, 0x0040_0000, 0x8000, 0x10, 0x0003_0301, 0x0005_0201, 3, 7];

const make = (): BuiltMachine =>
  new BuiltMachine([
    { at: '00:01.0', type: 4, buses: [1, 3], command: 7 },
    { at: '01:00.0', type: 5, buses: [2, 3], command: 7 },
    { at: '02:00.0', type: 6, buses: [3, 3], command: 7 },
    { at: '03:00.0', type: 0, command: 7, traits: { readyAfterResetMs: 120 } },
    { at: '03:00.1', type: 0, command: 7, traits: { onReset: 'dead' } },
  ]);

const step = fc.record({
  place: fc.constantFrom(...places),
  register: fc.constantFrom(...registers),
  value: fc.constantFrom(...bits),
  waitMs: fc.constantFrom(0, 0.5, 2, 50, 100, 200),
});

interface Step {
  readonly place: string;
  readonly register: number;
  readonly value: number;
  readonly waitMs: number;
}

function run(machine: BuiltMachine, steps: readonly Step[]): number[] {
  return steps.map(({ place, register, value, waitMs }) => {
    machine.write(place, register, value);
    machine.wait(waitMs);
    return machine.read(place, register);
  });
}

function hash(machine: BuiltMachine): string {
  const running = new RunningHash();
  machine.hierarchy.hashInto(running);
  return running.digest();
}

describe('the state of a hierarchy', () => {
  it('restored into another one goes on as it would have', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(step, { maxLength: 12 }), (before, after) => {
        const one = make();
        run(one, before);
        const saved = structuredClone(one.hierarchy.snapshot());
        const other = make();
        other.hierarchy.restore(saved);
        other.now = one.now;
        expect(hash(other)).toBe(hash(one));
        expect(run(other, after)).toEqual(run(one, after));
        expect(hash(other)).toBe(hash(one));
      }),
    );
  });

  it('never lets a write through to what does not answer', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), step, (before, last) => {
        const machine = make();
        run(machine, before);
        if (machine.visible(last.place)) return;
        const previous = hash(machine);
        machine.write(last.place, last.register, last.value);
        expect(hash(machine)).toBe(previous);
      }),
    );
  });
});
