import fc from 'fast-check';
import { it } from 'vitest';
import { defaultTraits } from '../endpoint-description.ts';
import { expectFramesInOneStep, type Schedule, scheduleParts } from '../testing/frames-in-one-step.ts';
import { MemoryPort } from '../testing/memory-port.ts';
import { UhciEngine } from './uhci-engine.ts';

const LIST = 0x10_0000;
const HEADS = 0x11_0000;
const DESCRIPTORS = 0x12_0000;
const BUFFER = 0x20_0000;

const schedules: fc.Arbitrary<Schedule> = fc.record({
  ...scheduleParts,
  base: fc.constantFrom(0, 1000, 1020),
});

function start({ heads, odd, base }: Schedule): { engine: UhciEngine; port: MemoryPort } {
  const port = new MemoryPort();
  const put = (at: number, value: number): void => port.memory.write32(at, value >>> 0, 0);
  const link = (head: number): number => (head < 0 || head >= heads.length ? 1 : (HEADS + head * 16) | 2);
  for (let frame = 0; frame < 1024; frame++) put(LIST + frame * 4, link(0));
  for (const [frame, head] of odd) put(LIST + frame * 4, link(head));
  for (const [index, kind] of heads.entries()) {
    const descriptor = DESCRIPTORS + index * 32;
    put(HEADS + index * 16, link(index + 1));
    put(HEADS + index * 16 + 4, kind === 'empty' ? 1 : descriptor);
    put(descriptor, 1);
    put(descriptor + 4, kind === 'active' ? (1 << 23) | (1 << 24) : 0);
    put(descriptor + 8, (7 << 21) | 0x69);
    put(descriptor + 12, BUFFER + index * 4096);
  }
  const workload = {
    ratePerSecond: 1000,
    bytesPerUnit: 1024,
    burstBytes: 64,
    direction: 'to-memory',
  } as const;
  const uhci = new UhciEngine({ kind: 'uhci', traits: defaultTraits, workload }, 1);
  uhci.writeRegister(4, 0x08, 4, LIST, 0);
  uhci.writeRegister(4, 0x06, 2, base, 0);
  uhci.writeRegister(4, 0x04, 2, 4, 0);
  uhci.writeRegister(4, 0x00, 2, 1, 0);
  return { engine: uhci, port };
}

it('makes frames that go alike in one step with the result of making each', () => {
  expectFramesInOneStep(schedules, start, 60);
});
