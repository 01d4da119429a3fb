import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextEntry } from '../tables/context-entry.ts';
import {
  invalidateAllContexts,
  invalidateAllTranslations,
  invalidateDeviceContext,
  invalidateDomainTranslations,
  invalidatePages,
} from '../tables/invalidation-descriptor.ts';
import { UnitFixture } from '../testing/unit-fixture.ts';

const devices = [0x0100, 0x0208, 0x0310];
const PAGES = 6;

/** What kernels and devices do, in any order. Devices 0 and 1 share domain 1 and its table; device 2 has domain 2. */
const step = fc.oneof(
  fc.record({
    do: fc.constant('map' as const),
    domain: fc.nat({ max: 1 }),
    page: fc.nat({ max: PAGES - 1 }),
    frame: fc.nat({ max: 50 }),
  }),
  fc.record({
    do: fc.constant('unmap' as const),
    domain: fc.nat({ max: 1 }),
    page: fc.nat({ max: PAGES - 1 }),
  }),
  fc.record({ do: fc.constant('detach' as const), device: fc.nat({ max: 2 }) }),
  fc.record({ do: fc.constant('attach' as const), device: fc.nat({ max: 2 }) }),
  fc.record({
    do: fc.constant('flush-page' as const),
    domain: fc.nat({ max: 1 }),
    page: fc.nat({ max: PAGES - 1 }),
  }),
  fc.record({ do: fc.constant('flush-domain' as const), domain: fc.nat({ max: 1 }) }),
  fc.record({ do: fc.constant('flush-all' as const) }),
  fc.record({ do: fc.constant('flush-device' as const), device: fc.nat({ max: 2 }) }),
  fc.record({ do: fc.constant('flush-contexts' as const) }),
  fc.record({ do: fc.constant('restore' as const) }),
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('dma' as const),
      device: fc.nat({ max: 2 }),
      page: fc.nat({ max: PAGES - 1 }),
    }),
  },
);

describe('staleness', () => {
  test('an answer is the one last read from the tables, until something invalidates it', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const fixture = new UnitFixture();
        const root = fixture.rootTable();
        const tables = [fixture.pageTable(4), fixture.pageTable(4)];
        const domainOf = (device: number): number => (device === 2 ? 1 : 0);
        const attach = (device: number): void => {
          const pageTable = (tables[domainOf(device)] as (typeof tables)[0]).root;
          root.setContext(
            devices[device] as number,
            contextEntry({ pageTable, domainId: domainOf(device) + 1 }),
          );
        };
        for (let device = 0; device < 3; device++) attach(device);
        fixture.setRoot(root.address);
        fixture.enable(0x8000_0000);
        const queue = fixture.queue();
        // The model: tables as they are, and what has been seen of them.
        const mapped = [new Map<number, number>(), new Map<number, number>()];
        const attached = new Set([0, 1, 2]);
        const seenContexts = new Set<number>();
        const seenPages = [new Map<number, number>(), new Map<number, number>()];
        for (const s of steps) {
          if (s.do === 'map') {
            tables[s.domain]?.map(s.page * 4096, 0x1000_0000 + s.frame * 4096, 4096, {
              read: true,
              write: true,
            });
            mapped[s.domain]?.set(s.page, 0x1000_0000 + s.frame * 4096);
          } else if (s.do === 'unmap') {
            tables[s.domain]?.unmap(s.page * 4096, 4096);
            mapped[s.domain]?.delete(s.page);
          } else if (s.do === 'detach') {
            root.clearContext(devices[s.device] as number);
            attached.delete(s.device);
          } else if (s.do === 'attach') {
            attach(s.device);
            attached.add(s.device);
          } else if (s.do === 'flush-page') {
            queue.submit(invalidatePages(s.domain + 1, s.page * 4096, 0));
            seenPages[s.domain]?.delete(s.page);
          } else if (s.do === 'flush-domain') {
            queue.submit(invalidateDomainTranslations(s.domain + 1));
            seenPages[s.domain]?.clear();
          } else if (s.do === 'flush-all') {
            queue.submit(invalidateAllTranslations());
            for (const seen of seenPages) seen.clear();
          } else if (s.do === 'flush-device') {
            queue.submit(invalidateDeviceContext(domainOf(s.device) + 1, devices[s.device] as number));
            seenContexts.delete(s.device);
          } else if (s.do === 'flush-contexts') {
            queue.submit(invalidateAllContexts());
            seenContexts.clear();
          } else if (s.do === 'restore') {
            fixture.unit.restore(structuredClone(fixture.unit.snapshot()));
          } else {
            const domain = domainOf(s.device);
            const outcome = fixture.dma(devices[s.device] as number, s.page * 4096);
            const knewContext = seenContexts.has(s.device);
            if (!knewContext && !attached.has(s.device)) {
              expect(outcome).toMatchObject({ allowed: false, reason: 2 });
              continue;
            }
            seenContexts.add(s.device);
            const seen = seenPages[domain]?.get(s.page);
            const expected = seen ?? mapped[domain]?.get(s.page);
            if (expected === undefined) expect(outcome).toMatchObject({ allowed: false, reason: 6 });
            else {
              expect(outcome).toMatchObject({ allowed: true, address: expected });
              expect(outcome.steady).toBe(knewContext && seen !== undefined);
              seenPages[domain]?.set(s.page, expected);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
