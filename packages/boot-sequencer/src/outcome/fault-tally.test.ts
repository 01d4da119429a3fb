import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FaultTally } from './fault-tally.ts';

it('counts by requester, reason and phase; the chain is that of the first', () => {
  const tally = new FaultTally();
  tally.add(0, 0x0400, 5, 'iommu_init', 3, (name) => `${name} first`);
  tally.add(0, 0x0400, 5, 'init', 2, (name) => `${name} second`);
  tally.add(0, 0x0400, 6, 'init', 1, (name) => `${name} read`);
  tally.add(1, 0x0100, 0x22, 'init', 4, (name) => `${name} message`);
  expect(tally.total).toBe(10);
  tally.firstAt = 3_000_000;
  tally.lastAt = 5_500_000;
  expect(tally.totals(2_000_000)).toEqual({
    total: 10,
    firstMs: 1,
    lastMs: 3.5,
    byRequester: {
      '04:00.0': {
        total: 6,
        reasons: { '0x05': 5, '0x06': 1 },
        phases: { iommu_init: 3, init: 3 },
        via: { '0x05': '04:00.0 first', '0x06': '04:00.0 read' },
      },
      '0001:01:00.0': {
        total: 4,
        reasons: { '0x22': 4 },
        phases: { init: 4 },
        via: { '0x22': '0001:01:00.0 message' },
      },
    },
  });
});

it('has no times where there was no fault', () => {
  expect(new FaultTally().totals(7)).toEqual({ total: 0, byRequester: {}, firstMs: null, lastMs: null });
});

it('sums agree, whatever comes in', () => {
  const fault = fc.record({
    segment: fc.integer({ min: 0, max: 2 }),
    requester: fc.integer({ min: 0, max: 0xffff }),
    reason: fc.integer({ min: 1, max: 0x90 }),
    repeat: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(fault), (faults) => {
      const tally = new FaultTally();
      for (const one of faults) tally.add(one.segment, one.requester, one.reason, 'init', one.repeat, String);
      const { total, byRequester } = tally.totals();
      const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
      expect(total).toBe(sum(faults.map((one) => one.repeat)));
      expect(sum(Object.values(byRequester).map((one) => one.total))).toBe(total);
      for (const one of Object.values(byRequester)) {
        expect(sum(Object.values(one.reasons))).toBe(one.total);
        expect(Object.keys(one.via)).toEqual(Object.keys(one.reasons));
      }
    }),
  );
});
