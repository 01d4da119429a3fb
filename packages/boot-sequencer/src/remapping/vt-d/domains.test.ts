import { contextLevels, contextTranslationType, RootTable } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { kernelProfile } from '../../profile/profiles.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const BUFFER = 0x800_0000;

function initialised(lab: RemappingLab, kernel: string, which: 1 | 2 = 1, scalable = false) {
  const remapping = lab.boot(which, kernel, scalable);
  remapping.initialise();
  remapping.finishInitialisation();
  return remapping;
}

describe('functions of one IOMMU group', () => {
  const group = { index: 3, size: 2 };
  const one = { ...identity(0x0100), group };
  const other = { ...identity(0x0101), group };

  it('share a domain since 5.x: one ID, one page table, addresses apart', () => {
    const lab = new RemappingLab();
    lab.devices = [one, other];
    const kernel = initialised(lab, 'linux-6');
    expect(kernel.domainIdOf(one)).toBe(kernel.domainIdOf(other));
    const ofOne = kernel.mapDma(one, BUFFER, 4096) as number;
    const ofOther = kernel.mapDma(other, BUFFER + 0x10_0000, 4096) as number;
    expect(ofOther).not.toBe(ofOne);
    // Nothing keeps one from what the other has mapped.
    expect(lab.dma(one.requesterIds[0] as number, ofOther)).toMatchObject({ address: BUFFER + 0x10_0000 });
  });

  it('have a domain each before, if their requests carry IDs of their own', () => {
    const lab = new RemappingLab();
    const kernel = initialised(lab, 'linux-4.2');
    const ofOne = kernel.mapDma(one, BUFFER, 4096) as number;
    const ofOther = kernel.mapDma(other, BUFFER + 0x10_0000, 4096) as number;
    expect(ofOther).toBe(ofOne);
    expect(kernel.domainIdOf(one)).not.toBe(kernel.domainIdOf(other));
  });
});

describe('functions behind a bridge that takes ownership', () => {
  const bridge = 0x0700;
  const behind = (own: number): DmaIdentity => ({
    ...identity(own),
    requesterIds: [bridge, own],
    group: { index: 5, size: 3 },
  });

  it.each(['linux-4.2', 'linux-6'])('%s: the entry of the alias is written once, for all of them', (name) => {
    const lab = new RemappingLab();
    const kernel = initialised(lab, name);
    const first = kernel.mapDma(behind(0x0720), BUFFER, 4096) as number;
    const second = kernel.mapDma(behind(0x0728), BUFFER + 0x10_0000, 4096) as number;
    expect(lab.dma(bridge, first)).toMatchObject({ address: BUFFER });
    expect(lab.dma(bridge, second)).toMatchObject({ address: BUFFER + 0x10_0000 });
    // The function's own ID leads into the same domain.
    expect(lab.dma(0x0720, first)).toMatchObject({ address: BUFFER });
  });

  it('over copied tables the first driver takes all of them over', () => {
    const lab = new RemappingLab();
    const old = initialised(lab, 'linux-6').mapDma(behind(0x0720), BUFFER, 4096) as number;
    const kernel = initialised(lab, 'linux-6', 2);
    expect(lab.dma(bridge, old)).toMatchObject({ address: BUFFER });
    const fresh = kernel.mapDma(behind(0x0728), BUFFER + 0x20_0000, 4096) as number;
    expect(lab.dma(bridge, fresh)).toMatchObject({ address: BUFFER + 0x20_0000 });
    expect(lab.dma(bridge, fresh - 4096).allowed).toBe(false);
  });
});

describe('iommu=pt in the first kernel', () => {
  const profile = kernelProfile('linux-6');
  const passthrough = { ...profile, first: { ...profile.first, defaultDomain: 'passthrough' as const } };

  it.each([false, true])(
    'scalable %s: addresses are physical, and stay so over copied tables',
    (scalable) => {
      const lab = new RemappingLab({ scalable });
      lab.devices = [identity(0x0100)];
      const first = lab.boot(1, passthrough, scalable);
      first.initialise();
      first.finishInitialisation();
      expect(first.mapDma(identity(0x0100), BUFFER, 4096)).toBe(BUFFER);
      expect(lab.dma(0x0100, 0x1234_5000)).toMatchObject({ allowed: true, address: 0x1234_5000 });
      const second = initialised(lab, 'linux-6', 2, scalable);
      expect(lab.dma(0x0100, 0x1234_5000)).toMatchObject({ allowed: true, address: 0x1234_5000 });
      const fresh = second.mapDma(identity(0x0100), BUFFER, 4096) as number;
      expect(lab.dma(0x0100, fresh)).toMatchObject({ address: BUFFER });
      expect(lab.dma(0x0100, 0x1234_5000).allowed).toBe(false);
    },
  );

  it('legacy mode: translation type 2, with the widest address that the unit has', () => {
    const lab = new RemappingLab();
    lab.devices = [identity(0x0100), identity(0x0500)];
    lab.boot(1, passthrough).initialise();
    const entries = [...RootTable.at(lab.rootTable, { memory: lab.memory, scalable: false }).contexts()];
    expect(entries).toHaveLength(2);
    for (const { words } of entries) {
      expect(contextTranslationType(words[0] as number)).toBe(2);
      expect(contextLevels(words[2] as number)).toBe(4);
    }
    expect((entries[0]?.words[2] as number) >>> 8).toBe((entries[1]?.words[2] as number) >>> 8);
  });

  it('with Linux 4.2, too, whose domains are lazy otherwise', () => {
    const lab = new RemappingLab();
    lab.devices = [identity(0x0100)];
    const old = kernelProfile('linux-4.2');
    lab.boot(1, { ...old, first: { ...old.first, defaultDomain: 'passthrough' } }).initialise();
    expect(lab.dma(0x0100, BUFFER)).toMatchObject({ allowed: true, address: BUFFER });
  });
});

describe('intel_iommu=off in the second kernel', () => {
  function off(lab: RemappingLab, leavesTranslationOn: boolean) {
    const profile = kernelProfile('linux-6-iommu-off');
    return lab.boot(2, { ...profile, remapping: { ...profile.remapping, leavesTranslationOn } });
  }

  it('interrupt remapping goes on with the old entries, and the queue with it', () => {
    const lab = new RemappingLab();
    const first = initialised(lab, 'linux-6');
    first.enableInterruptRemapping();
    const message = first.interruptMessage(identity(0x0100), 0x41);
    const second = off(lab, false);
    second.enableInterruptRemapping();
    second.initialise();
    second.finishInitialisation();
    expect(lab.translationOn).toBe(false);
    expect(lab.interruptRemappingOn).toBe(true);
    expect(lab.interrupt(0x0100, message)).toMatchObject({ delivered: true, vector: 0x41 });
    expect((lab.unit.readRegister32(0x1c) & 0x0400_0000) !== 0).toBe(true);
  });

  it('4.2 to 4.11 left translation on, too: drivers use physical addresses that are not mapped', () => {
    const lab = new RemappingLab();
    lab.devices = [identity(0x0100)];
    const old = initialised(lab, 'linux-6').mapDma(identity(0x0100), BUFFER, 4096) as number;
    const second = off(lab, true);
    second.initialise();
    second.finishInitialisation();
    expect(lab.translationOn).toBe(true);
    expect(lab.dma(0x0100, old)).toMatchObject({ address: BUFFER });
    const physical = second.mapDma(identity(0x0100), BUFFER + 0x10_0000, 4096) as number;
    expect(physical).toBe(BUFFER + 0x10_0000);
    expect(lab.dma(0x0100, physical)).toMatchObject({ allowed: false, reason: 5 });
  });
});

describe('a chipset that cannot drain interrupts', () => {
  it('keeps interrupt remapping off, and messages in compatibility form', () => {
    const lab = new RemappingLab();
    lab.interruptRemappingIsBroken = true;
    const kernel = lab.boot(1, 'linux-3.10');
    kernel.enableInterruptRemapping();
    expect(lab.interruptRemappingOn).toBe(false);
    expect(kernel.interruptMessage(identity(0x0100), 0x41).address & 0x10).toBe(0);
  });
});
