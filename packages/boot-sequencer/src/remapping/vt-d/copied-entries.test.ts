import { describe, expect, it } from 'vitest';
import { kernelProfile } from '../../profile/profiles.ts';
import type { RemappingProfile } from '../../profile/remapping-profile.ts';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const NIC = 0x0100;
const DISK = 0x0500;
const BUFFER = 0x800_0000;
const NEW = 0x1000_0000;

function variant(remapping: Partial<RemappingProfile>) {
  const profile = kernelProfile('linux-6');
  return { ...profile, remapping: { ...profile.remapping, ...remapping } };
}

/** A card that goes on streaming until its driver takes over: its old entry and translation are cached. */
function takenOver(second: string | ReturnType<typeof variant>, scalable: boolean) {
  const lab = new RemappingLab({ scalable: true });
  lab.devices = [identity(NIC), identity(DISK)];
  const first = lab.boot(1, 'linux-6', scalable);
  first.initialise();
  first.finishInitialisation();
  const iova = first.mapDma(identity(NIC), BUFFER, 4096) as number;
  const ofDisk = first.mapDma(identity(DISK), BUFFER + 0x10_0000, 4096) as number;
  const kernel = lab.boot(2, second, scalable);
  kernel.initialise();
  kernel.finishInitialisation();
  expect(lab.dma(NIC, iova).address).toBe(BUFFER);
  const fresh = kernel.mapDma(identity(NIC), NEW, 0x2000) as number;
  return { lab, fresh, ofDisk };
}

describe('a driver replaces a copied entry of a device that is still running', () => {
  it('4.2 to 4.9 as released: the unit goes on with the old entry, and the old page table', () => {
    const { lab, fresh } = takenOver('linux-4.8', false);
    expect(lab.dma(NIC, fresh + 0x1000)).toMatchObject({ address: BUFFER });
    expect(lab.dma(NIC, fresh)).toMatchObject({ allowed: false, reason: 5 });
  });

  it.each(['linux-4.2', 'linux-5.10', 'linux-6.0', 'linux-6'])('%s, legacy mode: flushed', (kernel) => {
    const { lab, fresh } = takenOver(kernel, false);
    expect(lab.dma(NIC, fresh)).toMatchObject({ address: NEW });
    expect(lab.dma(NIC, fresh + 0x1000)).toMatchObject({ address: NEW + 0x1000 });
  });

  it('6.0 to 6.8, scalable mode: flushed under an ID that is none, so that the old PASID entry stays', () => {
    const { lab, fresh } = takenOver('linux-6.0', true);
    expect(lab.dma(NIC, fresh + 0x1000)).toMatchObject({ address: BUFFER });
  });

  it.each(['linux-6.12.107', 'linux-6'])('%s, scalable mode: all PASID entries are flushed', (kernel) => {
    const { lab, fresh, ofDisk } = takenOver(kernel, true);
    expect(lab.dma(NIC, fresh)).toMatchObject({ address: NEW });
    expect(lab.dma(NIC, fresh + 0x1000)).toMatchObject({ address: NEW + 0x1000 });
    expect(lab.dma(DISK, ofDisk)).toMatchObject({ address: BUFFER + 0x10_0000 });
  });

  it('without a queue, the same by registers', () => {
    const lab = new RemappingLab({ queue: false });
    lab.devices = [identity(NIC)];
    const first = lab.boot(1, 'linux-6');
    first.initialise();
    first.finishInitialisation();
    const iova = first.mapDma(identity(NIC), BUFFER, 4096) as number;
    const second = lab.boot(2, 'linux-6');
    second.initialise();
    second.finishInitialisation();
    expect(lab.lines).toContain('DMAR: dmar0: Using Register based invalidation');
    expect(lab.dma(NIC, iova).address).toBe(BUFFER);
    const fresh = second.mapDma(identity(NIC), NEW, 4096) as number;
    expect(lab.dma(NIC, fresh)).toMatchObject({ address: NEW });
  });

  it('with caching mode, an entry that was not present is flushed, too', () => {
    const lab = new RemappingLab({ cachingMode: true });
    const first = lab.boot(1, variant({ eagerDomains: false }));
    first.initialise();
    first.finishInitialisation();
    expect(lab.dma(NIC, 0x1000).allowed).toBe(false);
    const iova = first.mapDma(identity(NIC), BUFFER, 4096) as number;
    expect(lab.dma(NIC, iova)).toMatchObject({ address: BUFFER });
  });
});

describe('an attach that was deferred', () => {
  const alone = { ...identity(NIC), group: { index: 0, size: 1 } };
  const together = { ...identity(DISK), group: { index: 1, size: 2 } };

  it('5.11: is refused to a device that shares its group', () => {
    const lab = new RemappingLab();
    lab.devices = [alone, together];
    const first = lab.boot(1, 'linux-5.11');
    first.initialise();
    first.finishInitialisation();
    // Nothing is deferred in the first kernel.
    expect(first.mapDma(together, BUFFER, 4096)).toBeDefined();
    const second = lab.boot(2, 'linux-5.11');
    second.initialise();
    second.finishInitialisation();
    expect(second.mapDma(alone, BUFFER, 4096)).toBeDefined();
    expect(second.mapDma(together, BUFFER, 4096)).toBeUndefined();
    const fixed = lab.boot(2, 'linux-6');
    fixed.initialise();
    fixed.finishInitialisation();
    expect(fixed.mapDma(together, BUFFER, 4096)).toBeDefined();
  });
});
