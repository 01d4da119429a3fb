import { expect, it } from 'vitest';
import { CorruptionLedger } from './corruption-ledger.ts';

const hit = {
  segment: 0,
  requesterId: 0x0400,
  owner: 'first-kernel',
  bytes: 64,
  ioAddress: 0xffff_e000,
  physicalAddress: 0x82b_0000,
  entryAddress: 0x61c_5fd8,
  untranslated: false,
  phase: 'init',
} as const;

it('keeps the chain of the first hit and adds up the rest', () => {
  const ledger = new CorruptionLedger();
  ledger.add(hit);
  ledger.add({ ...hit, bytes: 100, ioAddress: 1, phase: 'dump' });
  expect(ledger.list()).toEqual([
    {
      owner: 'first-kernel',
      bytes: 164,
      requester: '04:00.0',
      via: '04:00.0 0xffffe000 -> entry at 0x61c5fd8 -> 0x82b0000',
      phases: ['init', 'dump'],
    },
  ]);
});

it('tells owners, requesters and untranslated hits apart', () => {
  const ledger = new CorruptionLedger();
  ledger.add({ ...hit, owner: 'crash-kernel', untranslated: true });
  ledger.add({ ...hit, entryAddress: 0 });
  ledger.add({ ...hit, requesterId: 0x0300, segment: 2 });
  const list = ledger.list();
  expect(list.map((one) => one.requester)).toEqual(['04:00.0', '04:00.0', '0002:03:00.0']);
  expect(list.find((one) => one.owner === 'crash-kernel')?.via).toContain('-> untranslated ->');
  expect(list.find((one) => one.via.includes('cached translation'))).toBeDefined();
  expect(ledger.hits('crash-kernel')).toBe(true);
  expect(ledger.hits('low-640k', 'dma-buffer')).toBe(false);
});
