import { NO_PASID } from '@quiesce/simulation';
import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { contextEntry } from '../tables/context-entry.ts';
import { scalableContextEntry } from '../tables/scalable-context-entry.ts';
import { scalableCapability, scalableExtendedCapability, UnitFixture } from '../testing/unit-fixture.ts';
import type { PageRequest } from './page-request-queue.ts';

const TE = 0x8000_0000;
const gpu = 0x0310;
const queue = 0x20_0000;
const wanted: PageRequest = {
  requesterId: gpu,
  address: 0x12_3456_7000,
  pasid: 0x55,
  read: true,
  write: true,
  group: 3,
  last: true,
};

function setup(pageRequests: boolean, events: number[] = []): UnitFixture {
  const fixture = new UnitFixture({
    capability: scalableCapability,
    extendedCapability: scalableExtendedCapability,
    onPageRequestEvent: (_address, data) => events.push(data),
  });
  const root = fixture.rootTable(true);
  const pasidDirectory = fixture.allocatePage();
  root.setContext(gpu, scalableContextEntry({ pasidDirectory, pasidEnable: true, pageRequests }));
  fixture.setRoot(root.address, 1);
  fixture.enable(TE);
  fixture.unit.writeWide(registerOffset.PQA, queue, 0);
  fixture.unit.writeRegister32(registerOffset.PECTL + 4, 0x41);
  fixture.unit.writeRegister32(registerOffset.PECTL, 0);
  return fixture;
}

describe('the page request queue', () => {
  test('takes a request as a descriptor in memory, and raises its event once', () => {
    const events: number[] = [];
    const { unit, memory } = setup(true, events);
    expect(unit.requestPage(wanted)).toBe(true);
    expect(unit.requestPage({ ...wanted, pasid: NO_PASID, last: false })).toBe(true);
    expect(memory.read32(queue)).toBe(0x0310_0101);
    expect(memory.read32(queue + 4)).toBe(0x55);
    expect(memory.read32(queue + 8)).toBe(0x3456_701f);
    expect(memory.read32(queue + 12)).toBe(0x12);
    expect(memory.read32(queue + 32)).toBe(0x0310_0001);
    expect(unit.readRegister32(registerOffset.PQT)).toBe(64);
    expect(events).toEqual([0x41]);
  });

  test('overflows when the tail would meet the head, until software has cleared that', () => {
    const { unit } = setup(true);
    for (let i = 0; i < 127; i++) expect(unit.requestPage(wanted)).toBe(true);
    expect(unit.requestPage(wanted)).toBe(false);
    expect(unit.readRegister32(registerOffset.PRS)).toBe(3);
    expect(unit.readRegister32(registerOffset.FSTS)).toBe(0x80);
    unit.writeRegister32(registerOffset.PQH, unit.readRegister32(registerOffset.PQT));
    expect(unit.requestPage(wanted)).toBe(false);
    unit.writeRegister32(registerOffset.PRS, 3);
    expect(unit.readRegister32(registerOffset.FSTS)).toBe(0);
    expect(unit.requestPage(wanted)).toBe(true);
  });

  test('refuses with 0x47 where PRE is clear', () => {
    const { unit } = setup(false);
    expect(unit.requestPage(wanted)).toBe(false);
    expect(unit.readRegister32(0x20c)).toBe((0x8000_0000 | (0x55 << 8) | 0x47) >>> 0);
    expect(unit.readRegister32(0x208)).toBe(0x9000_0000 + gpu);
  });

  test('refuses with 0x32 in legacy mode', () => {
    const fixture = setup(true);
    fixture.disable(TE);
    const root = fixture.rootTable();
    root.setContext(gpu, contextEntry({ pageTable: fixture.pageTable().root, domainId: 1 }));
    fixture.setRoot(root.address, 0);
    fixture.enable(TE);
    expect(fixture.unit.requestPage(wanted)).toBe(false);
    expect(fixture.unit.readRegister32(0x20c) & 0xff).toBe(0x32);
  });
});
