import { describe, expect, it } from 'vitest';
import { InterruptController } from './interrupt-controller.ts';
import { Processor } from './processor.ts';
import { checkTimer, type TimerCheck } from './timer-check.ts';
import type { TimerLine } from './timer-line.ts';
import { VectorSpace } from './vector-space.ts';

const ISA = 0x3a;

/** A processor that a second kernel runs on, with interrupts off. */
function secondKernel(id = 0): { processor: Processor; interrupts: InterruptController } {
  const processor = new Processor(id);
  processor.apic.enabled = true;
  const space = new VectorSpace('matrix', [id]);
  const interrupts = new InterruptController(processor, space, { runsAll: false, strayCostUs: 2 });
  processor.runs(interrupts);
  return { processor, interrupts };
}

describe('a processor', () => {
  it('takes what waits when interrupts go on, highest first, each acknowledged', () => {
    const processor = new Processor(0);
    processor.apic.enabled = true;
    const taken: number[] = [];
    processor.runs({
      take: (vector) => {
        taken.push(vector);
        processor.apic.endOfInterrupt();
      },
    });
    for (const vector of [0x41, 0x61, 0x41]) processor.receive(vector, 0, 1);
    expect(taken).toEqual([]);
    processor.enableInterrupts();
    expect(taken).toEqual([0x61, 0x41]);
    processor.receive(0x51, 0, 3);
    expect(taken).toEqual([0x61, 0x41, 0x51, 0x51, 0x51]);
  });

  it('takes one at a time: what a handler lets in comes after it', () => {
    const processor = new Processor(0);
    processor.apic.enabled = true;
    const order: string[] = [];
    processor.runs({
      take: (vector) => {
        order.push(`begin ${vector}`);
        if (vector === 0x41) processor.receive(0x91, 0, 1);
        processor.apic.endOfInterrupt();
        order.push(`end ${vector}`);
      },
    });
    processor.enableInterrupts();
    processor.receive(0x41, 0, 1);
    expect(order).toEqual(['begin 65', 'end 65', 'begin 145', 'end 145']);
  });

  it('nobody accepts a message for a processor that is gone, or for a local APIC that is off', () => {
    const { processor } = secondKernel(2);
    processor.receive(0x41, 5, 7);
    expect(processor.receiveAcceptErrors).toBe(7);
    processor.apic.enabled = false;
    processor.receive(0x41, 2, 2);
    expect(processor.receiveAcceptErrors).toBe(9);
  });

  it('a first kernel has them all', () => {
    const processor = new Processor(1);
    const space = new VectorSpace('matrix', [0, 1]);
    const interrupts = new InterruptController(processor, space, { runsAll: true, strayCostUs: 2 });
    processor.runs(interrupts);
    const vector = interrupts.allocateVector();
    expect(vector.destination).toBe(0);
    processor.receive(vector.vector, 0, 1);
    expect(interrupts.seenVector(vector)).toBe(true);
    expect([processor.receiveAcceptErrors, processor.stray]).toEqual([0, 0]);
  });
});

describe('a second kernel', () => {
  it('acknowledges vectors of nobody, and counts and pays for them', () => {
    const { processor, interrupts } = secondKernel();
    processor.enableInterrupts();
    processor.receive(0x77, 0, 3);
    expect([processor.stray, interrupts.takeStolenMs(), interrupts.takeStolenMs()]).toEqual([3, 0.006, 0]);
    expect(processor.apic.inService()).toEqual([]);
  });

  it('leaves an ISA vector in service while the 8259A has it, and acknowledges it when the I/O APIC has', () => {
    const { processor, interrupts } = secondKernel();
    processor.enableInterrupts();
    processor.receive(ISA, 0, 1);
    expect(processor.apic.inService()).toEqual([ISA]);
    processor.apic.endOfInterrupt();
    interrupts.isaInterruptsOf8259A = false;
    processor.receive(ISA, 0, 1);
    expect(processor.apic.inService()).toEqual([]);
  });

  it('sees interrupts of its own vectors, which are no strays', () => {
    const { processor, interrupts } = secondKernel();
    processor.enableInterrupts();
    const vector = interrupts.allocateVector();
    expect(interrupts.seenVector(vector)).toBe(false);
    processor.receive(vector.vector, vector.destination, 1);
    expect([interrupts.seenVector(vector), processor.stray]).toEqual([true, 0]);
  });
});

describe('the timer check', () => {
  function check(remapped: boolean, served?: number) {
    const { processor, interrupts } = secondKernel();
    interrupts.isaInterruptsOf8259A = false;
    if (served !== undefined) {
      processor.apic.accept(served);
      processor.apic.acknowledge();
    }
    processor.enableInterrupts();
    const said: string[] = [];
    const timer = {
      path: 'io-apic',
      tick(this: { path: string }) {
        if (this.path === 'external') processor.receiveExternal(0x30);
        else processor.receive(0x30, 0, 1);
      },
    } as unknown as TimerLine;
    const kernel: TimerCheck = {
      timer,
      interrupts,
      remapped,
      wait: () => {},
      log: (line) => said.push(line),
      panic: (reason) => said.push(`panic: ${reason}`),
    };
    checkTimer(kernel);
    return { said, timer, processor };
  }

  it('is silent where the timer ticks', () => {
    expect(check(true).said).toEqual([]);
  });

  it('does not mind a lower class in service', () => {
    expect(check(true, 0x2f).said).toEqual([]);
  });

  it('panics where interrupts are remapped and the class of the timer is in service', () => {
    for (const served of [0x31, 0x3f, 0x41, 0xef]) {
      expect(check(true, served).said.at(-1)).toBe(
        "panic: timer doesn't work through Interrupt-remapped IO-APIC",
      );
    }
  });

  it('ends with ExtINT otherwise, and what is in service stays', () => {
    const { said, timer, processor } = check(false, ISA);
    expect(said.at(-1)).toBe('..... works.');
    expect(timer.path).toBe('external');
    expect(processor.apic.inService()).toEqual([ISA]);
  });
});
