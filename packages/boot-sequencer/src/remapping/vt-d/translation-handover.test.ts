import { describe, expect, it } from 'vitest';
import { kernelProfile } from '../../profile/profiles.ts';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const NIC = 0x0100;
const DISK = 0x0500;
const BUFFER = 0x800_0000;
const TE = 0x8000_0000;

/** A first kernel with a buffer mapped for the network card. */
function crashed(options: { scalable?: boolean } = {}) {
  const lab = new RemappingLab(options);
  lab.devices = [identity(NIC), identity(DISK)];
  const first = lab.boot(1, 'linux-6', options.scalable);
  first.enableInterruptRemapping();
  first.initialise();
  first.finishInitialisation();
  const iova = first.mapDma(identity(NIC), BUFFER, 4096) as number;
  expect(lab.dma(NIC, iova)).toMatchObject({ allowed: true, address: BUFFER });
  lab.commands.length = 0;
  lab.lines.length = 0;
  return { lab, first, iova };
}

describe('Linux 3.0: the command shadow starts at 0', () => {
  it('the first command of interrupt remapping drops translation', () => {
    const { lab, iova } = crashed();
    lab.boot(2, 'linux-3.0').enableInterruptRemapping();
    expect((lab.commands[0] as number) & TE).toBe(0);
    expect(lab.translationOn).toBe(false);
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: true, untranslated: true, address: iova });
  });

  it('with the shadow in step, it stays on until DMA remapping is set up', () => {
    const { lab, iova } = crashed();
    const second = lab.boot(2, 'linux-3.10');
    second.enableInterruptRemapping();
    for (const command of lab.commands) expect(command & TE).not.toBe(0);
    expect(lab.dma(NIC, iova)).toMatchObject({ address: BUFFER });
    second.initialise();
    expect(lab.delays).toEqual([80]);
  });
});

describe('tables rebuilt', () => {
  it('lazy domains: the root entry is not present until a driver maps', () => {
    const { lab, iova } = crashed();
    const second = lab.boot(2, 'linux-3.10');
    second.initialise();
    second.finishInitialisation();
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: false, reason: 1 });
    const fresh = second.mapDma(identity(NIC), BUFFER + 4096, 4096) as number;
    expect(lab.dma(NIC, fresh)).toMatchObject({ address: BUFFER + 4096 });
    expect(lab.dma(0x0108, iova)).toMatchObject({ allowed: false, reason: 2 });
  });

  it('eager domains: every context is present, every page table empty', () => {
    const { lab, iova } = crashed();
    const second = lab.boot(2, 'linux-6-no-copy');
    second.initialise();
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: false, reason: 5 });
    expect(lab.dma(DISK, iova, false)).toMatchObject({ allowed: false, reason: 6 });
    expect(lab.lines).toContain('DMAR: Translation was enabled for dmar0 but we are not in kdump mode');
  });

  it("firmware's regions are mapped to themselves before any driver", () => {
    const { lab } = crashed();
    lab.reservedRegions = [{ segment: 0, start: 0xbf0_0000, end: 0xbf0_1000, requesterIds: [DISK] }];
    const second = lab.boot(2, 'linux-3.10');
    second.initialise();
    second.finishInitialisation();
    expect(lab.dma(DISK, 0xbf0_0123)).toMatchObject({ allowed: true, address: 0xbf0_0123 });
    expect(lab.dma(DISK, 0xbf0_1000).allowed).toBe(false);
    expect(lab.dma(NIC, 0xbf0_0123).allowed).toBe(false);
    expect(lab.lines).toContain(
      'IOMMU: Setting identity map for device 0000:05:00.0 [0xbf00000 - 0xbf00fff]',
    );
  });

  it('intel_iommu=off: translation goes off for good, nobody is translated', () => {
    const { lab, iova } = crashed();
    const second = lab.boot(2, 'linux-6-iommu-off');
    second.initialise();
    second.finishInitialisation();
    expect(lab.translationOn).toBe(false);
    expect(lab.dma(NIC, iova)).toMatchObject({ untranslated: true, address: iova });
    expect(second.mapDma(identity(NIC), BUFFER, 4096)).toBe(BUFFER);
  });
});

describe('tables copied', () => {
  it.each([
    ['linux-4.2', false],
    ['linux-6', false],
    ['linux-6', true],
  ])('%s, scalable %s: another root table, the same answers, never off', (kernel, scalable) => {
    const { lab, iova } = crashed({ scalable });
    const before = lab.rootTable;
    const second = lab.boot(2, kernel, scalable);
    second.initialise();
    second.finishInitialisation();
    expect(lab.rootTable).not.toBe(before);
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: true, address: BUFFER });
    for (const command of lab.commands) expect(command & TE).not.toBe(0);
    expect(lab.delays).toEqual([]);
    expect(lab.lines).toContain('DMAR: Copied translation tables from previous kernel for dmar0');
  });

  it.each([false, true])('scalable %s: a driver tears its own entry down, the others stay', (scalable) => {
    const lab = new RemappingLab({ scalable });
    lab.devices = [identity(NIC), identity(DISK)];
    const first = lab.boot(1, 'linux-6', scalable);
    first.initialise();
    first.finishInitialisation();
    const ofNic = first.mapDma(identity(NIC), BUFFER, 4096) as number;
    const ofDisk = first.mapDma(identity(DISK), BUFFER + 0x10_0000, 4096) as number;
    const second = lab.boot(2, 'linux-6', scalable);
    second.initialise();
    second.finishInitialisation();
    // Cached before it is replaced.
    expect(lab.dma(NIC, ofNic).allowed).toBe(true);
    const fresh = second.mapDma(identity(NIC), BUFFER + 0x20_0000, 0x2000) as number;
    expect(lab.dma(NIC, fresh)).toMatchObject({ address: BUFFER + 0x20_0000 });
    expect(lab.dma(NIC, fresh + 0x1000)).toMatchObject({ address: BUFFER + 0x20_1000 });
    expect(lab.dma(DISK, ofDisk)).toMatchObject({ address: BUFFER + 0x10_0000 });
    const beyond = fresh - 0x1000;
    expect(lab.dma(NIC, beyond).allowed).toBe(false);
  });

  it('new domains take no ID that a copied entry has', () => {
    const { lab, iova } = crashed();
    const second = lab.boot(2, 'linux-4.2');
    second.initialise();
    second.finishInitialisation();
    const stranger = 0x0600;
    const fresh = second.mapDma(identity(stranger), BUFFER + 0x30_0000, 4096) as number;
    expect(fresh).toBe(iova);
    // Both have the same address in caches tagged by domain: one ID for both would mix them up.
    expect(lab.dma(NIC, iova)).toMatchObject({ address: BUFFER });
    expect(lab.dma(stranger, fresh)).toMatchObject({ address: BUFFER + 0x30_0000 });
    expect(lab.dma(NIC, iova)).toMatchObject({ address: BUFFER });
  });

  it.each([
    ['sm_off after sm_on', { ...kernelProfile('linux-6') }, true, false],
    ['sm_on after sm_off', { ...kernelProfile('linux-6') }, false, true],
  ])('%s: refused, off, rebuilt', (_name, profile, firstScalable, secondScalable) => {
    const lab = new RemappingLab({ scalable: true });
    lab.devices = [identity(NIC)];
    const first = lab.boot(1, 'linux-6', firstScalable);
    first.initialise();
    first.finishInitialisation();
    const iova = first.mapDma(identity(NIC), BUFFER, 4096) as number;
    lab.commands.length = 0;
    const second = lab.boot(2, profile, secondScalable);
    second.initialise();
    expect(lab.lines).toContain('DMAR: Failed to copy translation tables from previous kernel for dmar0');
    expect(lab.commands.some((command) => (command & TE) === 0)).toBe(true);
    expect(lab.translationOn).toBe(true);
    expect(lab.dma(NIC, iova).allowed).toBe(false);
  });
});
