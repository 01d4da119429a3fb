import { describe, expect, test } from 'vitest';
import { pasidEntry } from '../tables/pasid-entry.ts';
import { PasidTable } from '../tables/pasid-table.ts';
import { scalableContextEntry } from '../tables/scalable-context-entry.ts';
import { UnitFixture } from '../testing/unit-fixture.ts';
import { walkScalable } from './walk-scalable.ts';

const gpu = 0x52a0;
const iova = 0x7fff_e000;

/** PASIDs 1 to 4 have translation types 1 to 4. */
function tables() {
  const fixture = new UnitFixture();
  const root = fixture.rootTable(true);
  const pasids = new PasidTable({ memory: fixture.memory, allocatePage: fixture.allocatePage });
  const second = fixture.pageTable(4);
  second.map(iova, 0x0700_0000, 4096, { read: true, write: false });
  second.map(0x10_0000, 0x10_0000, 0x10_0000, { read: true, write: true });
  second.map(0x0800_0000, 0x0900_0000, 4096, { read: true, write: true });
  const firstLevelTable = fixture.firstLevel(iova, 0x0800_0000);
  for (const translationType of [1, 2, 3, 4] as const) {
    pasids.setEntry(
      translationType,
      pasidEntry({ translationType, domainId: 9, secondLevelTable: second.root, firstLevelTable }),
    );
  }
  root.setContext(gpu, scalableContextEntry({ pasidDirectory: pasids.directory, requestsWithoutPasid: 2 }));
  const walk = (pasid?: number, address = iova, requesterId = gpu) =>
    walkScalable(fixture.memory, root.address, requesterId, address, pasid === undefined ? {} : { pasid });
  return { fixture, pasids, walk };
}

describe('the scalable-mode walker alone', () => {
  test('goes by first level, second level, both, or none', () => {
    const { walk } = tables();
    expect(walk(1)).toMatchObject({ present: true, physical: 0x0800_0000, write: true, domainId: 9 });
    expect(walk(2, iova + 9)).toMatchObject({ present: true, physical: 0x0700_0009, write: false });
    expect(walk()).toMatchObject({ present: true, physical: 0x0700_0000 });
    expect(walk(3)).toMatchObject({ present: true, physical: 0x0900_0000, write: true, pageBytes: 4096 });
    expect(walk(4)).toMatchObject({ present: true, physical: iova });
  });

  test('shows the entries on the way, the second level of each first-level table included', () => {
    const steps = tables()
      .walk(3)
      .steps.map((step) => `${step.stage ?? ''}${step.level}`);
    const second = ['second4', 'second3', 'second2', 'second1'];
    expect(steps).toEqual([
      'root',
      'context',
      'pasid-directory',
      'pasid-entry',
      ...[4, 3, 2, 1].flatMap((level) => [...second, `first${level}`]),
      ...second,
    ]);
  });

  test('stops with the reason that a unit would give', () => {
    const { fixture, pasids, walk } = tables();
    expect(walk(1, iova, 0x5210).reason).toBe(0x39);
    expect(walk(1, iova, gpu + 1).reason).toBe(0x41);
    expect(walk(0x2000).reason).toBe(0x46);
    expect(walk(64).reason).toBe(0x51);
    expect(walk(5).reason).toBe(0x59);
    expect(walk(1, 0x1000).reason).toBe(0x71);
    expect(walk(1, 2 ** 47).reason).toBe(0x80);
    expect(walk(2, 0x1000).reason).toBe(0x79);
    expect(walk(2, 2 ** 48).reason).toBe(0x84);
    fixture.memory.write32(pasids.entryAddress(1) as number, 1 | (7 << 6), 0);
    expect(walk(1).reason).toBe(0x5b);
  });
});
