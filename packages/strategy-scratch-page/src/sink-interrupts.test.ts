import { onePort } from '@quiesce/strategy/contract';
import { InterruptTable, remappableMessage, remappedInterruptEntry } from '@quiesce/vtd-iommu';
import { expect, test } from 'vitest';
import { LiveMachine } from './testing/live-machine.ts';

const NIC = 0x0100;
const OLD_TABLE = 0x0700_0000;
const OLD_ENTRIES = 65_536;

function crashed(given: ConstructorParameters<typeof LiveMachine>[1]): LiveMachine {
  const live = new LiveMachine(onePort, given);
  const table = new InterruptTable({ memory: live.machine.memory, address: OLD_TABLE, entries: OLD_ENTRIES });
  const source = { sourceValidation: 1, sourceId: NIC } as const;
  table.set(5, remappedInterruptEntry({ vector: 0x41, destination: 3, deliveryMode: 4, ...source }));
  live.startInterrupts(OLD_TABLE + 15);
  return live;
}

function interrupt(live: LiveMachine, index: number, requesterId = NIC) {
  const { address, data } = remappableMessage(index, 0);
  const outcome = { delivered: false, vector: 0, destination: 0, reason: 0, index: -1 };
  live.unit.remapInterrupt({ segment: 0, requesterId, address, data }, outcome);
  const { delivered, vector, reason } = outcome;
  return { delivered, vector, reason };
}

function adopted(live: LiveMachine): { address: number; entries: number } {
  const call = live.machine.kernelCalls.find(({ name }) => name === 'adoptInterruptTable');
  return call?.arguments[1] as { address: number; entries: number };
}

test('a unit that posts notes old messages where nobody looks: no fault, no vector', () => {
  const live = crashed({ posts: true });
  expect(interrupt(live, 5)).toEqual({ delivered: true, vector: 0x41, reason: 0 });
  live.run('irqRemapInit');
  expect(interrupt(live, 5)).toEqual({ delivered: false, vector: 0, reason: 0 });
  expect(live.faults).toBe(0);
  // MSI is left alone.
  expect(live.machine.function('0000:01:00.0').read(0x52, 2) & 1).toBe(1);
});

test('who may send is checked as before', () => {
  const live = crashed({ posts: true });
  live.run('irqRemapInit');
  expect(interrupt(live, 5, 0x0101).reason).toBe(0x26);
});

test('a unit that does not post gets entries that lead to the spurious vector, and devices lose their MSI', () => {
  const live = crashed({});
  live.run('irqRemapInit');
  expect(interrupt(live, 5)).toEqual({ delivered: true, vector: 0xff, reason: 0 });
  expect(live.machine.function('0000:01:00.0').read(0x52, 2) & 1).toBe(0);
});

test('old entries can be kept as they are', () => {
  const live = crashed({ options: { interrupts: 'copy' } });
  live.run('irqRemapInit');
  expect(interrupt(live, 5)).toEqual({ delivered: true, vector: 0x41, reason: 0 });
});

test('interrupt remapping is on at every moment, and no message is refused', () => {
  const live = crashed({ posts: true });
  let messages = 0;
  live.between = () => {
    expect(interrupt(live, 5).reason).toBe(0);
    messages++;
  };
  live.run('irqRemapInit');
  expect(messages).toBeGreaterThan(2);
});

test('the table is no larger than it has to be, and leaves room for the new kernel', () => {
  const live = crashed({ posts: true });
  live.run('irqRemapInit');
  const { address, entries } = adopted(live);
  expect(entries).toBe(4096);
  const table = new InterruptTable({ memory: live.machine.memory, address, entries });
  expect([...table.present()].map(({ index }) => index)).toEqual([5]);
});

test('a unit without interrupt remapping is initialised as the kernel does', () => {
  const live = new LiveMachine(onePort);
  live.run('irqRemapInit');
  expect(live.machine.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit']);
});

test('a kernel that never sets interrupt remapping up finds it off, and no old message on its way', () => {
  const live = crashed({});
  live.run('iommuInit');
  expect(live.unit.readRegister32(0x1c) & 0x0200_0000).toBe(0);
  expect(live.machine.function('0000:01:00.0').read(0x52, 2) & 1).toBe(0);
});
