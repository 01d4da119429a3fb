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

describe('without a queue', () => {
  it('registers flush one requester and one domain, and leave the others cached', () => {
    const lab = new RemappingLab({ queue: false });
    lab.devices = [identity(0x0100), identity(0x0500)];
    const kernel = lab.boot(1, 'linux-6');
    kernel.initialise();
    kernel.finishInitialisation();
    const iovas = [0x0100, 0x0500].map((id) => kernel.mapDma(identity(id), 0x800_0000, 4096) as number);
    const reached = () => [0x0100, 0x0500].map((id, i) => lab.dma(id, iovas[i] as number).allowed);
    expect(reached()).toEqual([true, true]);
    // The tables are gone, but both are cached.
    for (let bus = 0; bus < 256; bus++) lab.memory.write32(lab.rootTable + bus * 16, 0, 0);
    expect(reached()).toEqual([true, true]);
    const pages = new PagePool(lab.memory, 0x100_0000, 0x200_0000, lab.memory.writer('kernel'));
    const driver = new UnitDriver(lab.handle, pages, lab.memory.writer('kernel'), () => {});
    driver.invalidateDevice(kernel.domainIdOf(identity(0x0500)) ?? 0, 0x0600);
    expect(reached()).toEqual([true, true]);
    driver.invalidateDevice(3, 0x0500);
    expect(reached()).toEqual([true, false]);
  });

  it('a page that was unmapped in a table is forgotten with its domain', () => {
    const lab = new RemappingLab({ queue: false });
    const kernel = lab.boot(1, 'linux-4.2');
    kernel.initialise();
    kernel.finishInitialisation();
    const iova = kernel.mapDma(identity(0x0100), 0x800_0000, 4096) as number;
    const { entryAddress } = lab.dma(0x0100, iova);
    lab.memory.write32(entryAddress, 0, 0);
    expect(lab.dma(0x0100, iova).allowed).toBe(true);
    const pages = new PagePool(lab.memory, 0x100_0000, 0x200_0000, lab.memory.writer('kernel'));
    const driver = new UnitDriver(lab.handle, pages, lab.memory.writer('kernel'), () => {});
    driver.invalidateDevice(9, 0x0100);
    expect(lab.dma(0x0100, iova).allowed).toBe(true);
    driver.invalidateDevice(2, 0x0100);
    expect(lab.dma(0x0100, iova).allowed).toBe(false);
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
