import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalApic } from './local-apic.ts';

function enabled(taskPriority = 0): LocalApic {
  const apic = new LocalApic();
  apic.enabled = true;
  apic.taskPriority = taskPriority;
  return apic;
}

/** The processor takes whatever is let through. */
function take(apic: LocalApic): number {
  return apic.deliverable() < 0 ? -1 : apic.acknowledge();
}

const vector = fc.integer({ min: 16, max: 255 });

describe('local APIC', () => {
  it('gives the highest vector first, and a lower class only after the end of the higher one', () => {
    const apic = enabled();
    for (const one of [0x3a, 0x37, 0x51]) expect(apic.accept(one)).toBe(true);
    expect(take(apic)).toBe(0x51);
    expect(take(apic)).toBe(-1);
    expect(apic.endOfInterrupt()).toBe(0x51);
    expect(take(apic)).toBe(0x3a);
    expect(apic.processorPriority).toBe(0x30);
    expect(apic.requested()).toEqual([0x37]);
  });

  it('keeps a whole class waiting while one of it is in service: the state of a machine that lost its timer', () => {
    const apic = enabled(0x10);
    apic.accept(0x3a);
    take(apic);
    for (const one of [0x37, 0x30]) apic.accept(one);
    expect({ served: apic.inService(), requested: apic.requested() }).toEqual({
      served: [0x3a],
      requested: [0x30, 0x37],
    });
    expect([apic.taskPriority, apic.processorPriority, apic.deliverable()]).toEqual([0x10, 0x30, -1]);
  });

  it('a higher class interrupts a lower one, and ends first', () => {
    const apic = enabled();
    apic.accept(0x31);
    take(apic);
    apic.accept(0xec);
    expect(take(apic)).toBe(0xec);
    expect(apic.inService()).toEqual([0x31, 0xec]);
    expect(apic.endOfInterrupt()).toBe(0xec);
    expect(apic.inService()).toEqual([0x31]);
  });

  it('disabled it loses what arrives, keeps what it has, and lets nothing through', () => {
    const apic = enabled();
    apic.accept(0x41);
    apic.enabled = false;
    expect(apic.accept(0x42)).toBe(false);
    expect([apic.requested(), apic.deliverable()]).toEqual([[0x41], -1]);
    apic.enabled = true;
    expect(take(apic)).toBe(0x41);
  });

  it('refuses vectors of exceptions', () => {
    const apic = enabled();
    for (let illegal = 0; illegal < 16; illegal++) expect(apic.accept(illegal)).toBe(false);
    expect(apic.accept(16)).toBe(true);
  });

  it('prints its registers as Linux does', () => {
    const apic = enabled();
    apic.accept(0x3a);
    apic.accept(0x37);
    const zero = '00000000';
    expect(apic.format('requested')).toBe([zero, zero, zero, zero, zero, zero, '04800000', zero].join(','));
    expect(apic.format('in-service')).toBe(Array(8).fill(zero).join(','));
  });

  it('gives the spurious vector if there is nothing to give', () => {
    const apic = enabled();
    apic.spuriousVector = 0xef;
    expect(apic.acknowledge()).toBe(0xef);
    expect(apic.inService()).toEqual([]);
    expect(apic.endOfInterrupt()).toBe(-1);
  });

  it('lets a vector through exactly if its class is above the processor priority, and takes the highest', () => {
    fc.assert(
      fc.property(
        fc.array(vector, { maxLength: 12 }),
        fc.integer({ min: 0, max: 255 }),
        (wanted, taskPriority) => {
          const apic = enabled(taskPriority);
          for (const one of wanted) apic.accept(one);
          const possible = wanted.filter((one) => one >>> 4 > taskPriority >>> 4);
          expect(take(apic)).toBe(possible.length === 0 ? -1 : Math.max(...possible));
        },
      ),
    );
  });

  it('serves classes that rise only; each end ends the highest; in the end each request was served once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(vector, fc.constant(-1)), { maxLength: 60 }), (steps) => {
        const apic = enabled();
        const asked = new Set<number>();
        const stack: number[] = [];
        for (const step of steps) {
          if (step < 0) expect(apic.endOfInterrupt()).toBe(stack.pop() ?? -1);
          else {
            apic.accept(step);
            asked.add(step);
          }
          for (let taken = take(apic); taken >= 0; taken = take(apic)) {
            expect(asked.delete(taken)).toBe(true);
            expect(taken >>> 4).toBeGreaterThan((stack.at(-1) ?? 0) >>> 4);
            stack.push(taken);
          }
          expect(apic.inService()).toEqual([...stack].sort((a, b) => a - b));
          expect(apic.requested()).toEqual([...asked].sort((a, b) => a - b));
        }
        while (stack.length > 0 || asked.size > 0) {
          apic.endOfInterrupt();
          stack.pop();
          for (let taken = take(apic); taken >= 0; taken = take(apic)) {
            asked.delete(taken);
            stack.push(taken);
          }
        }
        expect([...apic.requested(), ...apic.inService()]).toEqual([]);
      }),
    );
  });

  it('is plain data: a copy goes on alike, and hashes alike', () => {
    const apic = enabled(0x20);
    apic.accept(0x3a);
    take(apic);
    apic.accept(0x99);
    const copy = new LocalApic();
    copy.restore(apic.snapshot());
    const [one, other] = [new RunningHash(), new RunningHash()];
    apic.hashInto(one);
    copy.hashInto(other);
    expect(copy.snapshot()).toEqual(apic.snapshot());
    expect(other.digest()).toBe(one.digest());
    expect(take(copy)).toBe(0x99);
    expect(copy.snapshot()).not.toEqual(apic.snapshot());
  });

  it('has eight bits of task priority', () => {
    expect(() => {
      enabled().taskPriority = 256;
    }).toThrow(/8 bits/);
  });
});
