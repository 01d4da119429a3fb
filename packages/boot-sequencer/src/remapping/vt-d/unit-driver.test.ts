import { describe, expect, it } from 'vitest';
import { PagePool } from '../../kernel/page-pool.ts';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';
import { UnitDriver } from './unit-driver.ts';

const QUEUE_HEAD = 0x80;
const QUEUE_TAIL = 0x88;

describe('the invalidation queue', () => {
  it.each([false, true])('wraps around behind 256 descriptors, scalable %s', (scalable) => {
    const lab = new RemappingLab({ scalable });
    const kernel = lab.boot(1, 'linux-6', scalable);
    kernel.initialise();
    kernel.finishInitialisation();
    const bytes = 256 * (scalable ? 32 : 16);
    let wraps = 0;
    let tail = 0;
    // Each round costs at least four descriptors.
    for (let bus = 1; bus <= 200; bus++) {
      const requester = bus << 8;
      kernel.invalidateTranslations(lab.handle);
      const iova = kernel.mapDma(identity(requester), 0x800_0000 + bus * 4096, 4096) as number;
      expect(lab.dma(requester, iova)).toMatchObject({ address: 0x800_0000 + bus * 4096 });
      const now = lab.unit.readRegister32(QUEUE_TAIL);
      expect(now).toBeLessThan(bytes);
      expect(lab.unit.readRegister32(QUEUE_HEAD)).toBe(now);
      if (now < tail) wraps++;
      tail = now;
    }
    expect(wraps).toBeGreaterThan(1);
  });

  it('of the old kernel is given up: the new one is in memory of its own', () => {
    const lab = new RemappingLab();
    lab.boot(1, 'linux-6').initialise();
    const before = lab.unit.readRegister32(0x90);
    lab.commands.length = 0;
    lab.boot(2, 'linux-6').enableInterruptRemapping();
    expect(lab.unit.readRegister32(0x90)).not.toBe(before);
    const QIE = 0x0400_0000;
    expect((lab.commands[0] as number) & QIE).toBe(0);
    expect((lab.unit.readRegister32(0x1c) & QIE) !== 0).toBe(true);
  });
});

describe('a driver and its unit', () => {
  function driverOf(read32: (offset: number) => number): { driver: UnitDriver; broken: string[] } {
    const lab = new RemappingLab();
    const broken: string[] = [];
    const writer = lab.memory.writer('kernel');
    const pages = new PagePool(lab.memory, 0x100_0000, 0x200_0000, writer);
    const handle = { ...lab.handle, read32, write32: () => {} };
    return { driver: new UnitDriver(handle, pages, writer, (what) => broken.push(what)), broken };
  }

  it('that never answers is called broken, not waited for for ever', () => {
    const { driver, broken } = driverOf(() => 0);
    driver.enable(0x8000_0000);
    expect(broken).toEqual(['dmar0: DMAR hardware is malfunctioning']);
  });

  it.each([
    [0b00100 << 8, 4],
    [0b00010 << 8, 3],
    [0b00110 << 8, 4],
    [0b01000 << 8, 5],
  ])('SAGAW 0x%s gives tables of %i levels', (sagaw, levels) => {
    const { driver } = driverOf((offset) => (offset === 8 ? sagaw : 0));
    expect(driver.levels).toBe(levels);
  });
});
