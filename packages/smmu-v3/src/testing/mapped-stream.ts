import type { Address } from '@quiesce/simulation';
import type { PageTable } from '../tables/page-table.ts';
import { UnitFixture } from './unit-fixture.ts';

/** The stream that most tests are about. */
export const NIC = 0x0100;
/** Where the memory of the fixture ends: nothing answers from here on. */
export const NOWHERE = 0x4000_0000;

/** A running unit with a stream of ASID 3 that has one page mapped at 0x1000. */
export function mapped(
  options: ConstructorParameters<typeof UnitFixture>[0] = {},
  ats = false,
): { fixture: UnitFixture; pages: PageTable; context: Address; leaf: Address } {
  const fixture = new UnitFixture(options).start();
  const { pages, context } = fixture.attach(NIC, 3, { ats });
  pages.map(0x1000, 0x20_0000, 4096, { read: true, write: true });
  return { fixture, pages, context, leaf: pages.lookup(0x1000).entryAddress };
}
