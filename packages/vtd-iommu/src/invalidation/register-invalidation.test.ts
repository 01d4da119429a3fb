import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { contextEntry } from '../tables/context-entry.ts';
import { disk, live, nic, type Setup, setup, staleTranslations } from '../testing/two-devices.ts';
import { testCapability } from '../testing/unit-fixture.ts';

describe('register-based invalidation', () => {
  const ccmd = (s: Setup, high: number, low = 0): number => {
    s.fixture.unit.writeWide(registerOffset.CCMD, low, high);
    return (s.fixture.unit.readRegister32(registerOffset.CCMD + 4) >>> 27) & 0x1f;
  };
  const iotlb = (s: Setup, high: number, address = 0): number => {
    s.fixture.unit.writeWide(0x300, address, 0);
    s.fixture.unit.writeWide(0x308, 0, high);
    return (s.fixture.unit.readRegister32(0x30c) >>> 25) & 0x7f;
  };
  const IVT = 0x8000_0000;

  test('of context entries tells the granularity it used, with ICC clear', () => {
    const s = setup();
    for (const [high, low, left] of [
      [0xa000_0000, 0, [false, false]],
      [0xc000_0000, 5, [false, true]],
      [0xe000_0000, (nic << 16) | 5, [false, true]],
      [0xe000_0000, (nic << 16) | 6, [true, true]],
    ] as const) {
      for (const [id, domainId] of [
        [nic, 5],
        [disk, 6],
      ] as const) {
        s.root.setContext(id, contextEntry({ pageTable: s.table.root, domainId }));
        s.fixture.dma(id, 0);
        s.root.clearContext(id);
      }
      const granularity = (high >>> 29) & 3;
      expect(ccmd(s, high, low)).toBe((granularity << 2) | granularity);
      expect([nic, disk].map((id) => s.fixture.dma(id, 0).allowed)).toEqual(left);
      ccmd(s, 0xa000_0000);
      s.fixture.clearFaults();
    }
  });

  test('of translations: pages, domain, everything', () => {
    const s = staleTranslations();
    expect(iotlb(s, IVT | 0x3000_0005, 0x2001)).toBe(0x1b);
    expect([live(s, nic), live(s, disk)]).toEqual(['xx..xxxx', 'xxxxxxxx']);
    expect(iotlb(s, IVT | 0x2000_0006)).toBe(0x12);
    expect([live(s, nic), live(s, disk)]).toEqual(['xx..xxxx', '........']);
    expect(iotlb(s, IVT | 0x1000_0000)).toBe(0x09);
    expect(live(s, nic)).toBe('........');
  });

  test('falls back to the domain without CAP.PSI, and refuses a mask beyond CAP.MAMV', () => {
    const s = staleTranslations();
    expect(iotlb(s, IVT | 0x3000_0005, 10)).toBe(0x18);
    expect(live(s, nic)).toBe('xxxxxxxx');
    const t = staleTranslations({
      capability: { low: testCapability.low, high: testCapability.high & ~0x80 },
    });
    expect(iotlb(t, IVT | 0x3000_0005, 0)).toBe(0x1a);
    expect([live(t, nic), live(t, disk)]).toEqual(['........', 'xxxxxxxx']);
  });

  test('is refused while queued invalidation is on', () => {
    const s = staleTranslations();
    s.fixture.queue();
    expect(iotlb(s, IVT | 0x1000_0000)).toBe(0x08);
    expect(ccmd(s, 0xa000_0000)).toBe(0x04);
    expect(live(s, nic)).toBe('xxxxxxxx');
    expect(s.fixture.unit.softwareErrors).toBe(2);
  });

  test('the source and function mask of a context command read as 0, and count', () => {
    const s = setup();
    s.root.setContext(nic, contextEntry({ pageTable: s.table.root, domainId: 5 }));
    s.fixture.dma(nic, 0);
    s.root.clearContext(nic);
    s.fixture.unit.writeWide(registerOffset.CCMD, ((nic ^ 3) << 16) | 5, 0xe000_0002);
    expect(s.fixture.dma(nic, 0).allowed).toBe(true);
    s.fixture.unit.writeWide(registerOffset.CCMD, ((nic ^ 3) << 16) | 5, 0xe000_0003);
    expect(s.fixture.dma(nic, 0).allowed).toBe(false);
    expect(s.fixture.unit.readWide(registerOffset.CCMD)).toEqual({ low: 5, high: 0x7800_0000 });
  });

  test('IVA reads as 0', () => {
    const s = setup();
    s.fixture.unit.writeWide(0x300, 0xffff_ffff, 0xffff_ffff);
    expect(s.fixture.unit.readWide(0x300)).toEqual({ low: 0, high: 0 });
  });
});
