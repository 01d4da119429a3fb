import type { PciDevice } from '@quiesce/strategy';
import type { DeviceScope, Dmar } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { kernelProfile } from '../../profile/profiles.ts';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const BUFFER = 0x800_0000;

function fn(device: number, classCode = 0x020000): PciDevice {
  return { segment: 0, bus: 0, device, fn: 0, classCode, headerType: 0 } as PciDevice;
}

function scope(device: number, type = 1): DeviceScope {
  return { type, enumerationId: 0, startBus: 0, path: [{ device, fn: 0 }] };
}

function unitOf(flags: number, ...scopes: readonly DeviceScope[]): Dmar {
  const drhd = { type: 'DRHD', segment: 0, registerBase: 0xfed9_0000, flags, scopes };
  return { structures: [drhd] } as unknown as Dmar;
}

/** A first kernel with translation on; then the second one finds these functions and this table. */
function second(kernel: string, dmar: Dmar, functions: readonly PciDevice[], mapsGraphics = true) {
  const lab = new RemappingLab();
  lab.devices = [identity(0x0010)];
  const first = lab.boot(1, 'linux-6');
  first.initialise();
  first.finishInitialisation();
  const iova = first.mapDma(identity(0x0010), BUFFER, 4096) as number;
  lab.dmar = dmar;
  lab.functions = functions;
  const profile = kernelProfile(kernel);
  const remapping = lab.boot(2, { ...profile, remapping: { ...profile.remapping, mapsGraphics } });
  remapping.initialise();
  remapping.finishInitialisation();
  return { lab, iova, remapping };
}

describe('a unit of whose scope no function was found', () => {
  const absent = unitOf(0, scope(9));

  it('5.10 and later: translation goes off before anything is copied; what hangs behind it goes out raw', () => {
    const { lab, iova, remapping } = second('linux-6', absent, [fn(2)]);
    expect(lab.translationOn).toBe(false);
    expect(lab.dma(0x0010, iova)).toMatchObject({ untranslated: true, address: iova });
    expect(remapping.mapDma(identity(0x0010), BUFFER, 4096)).toBe(BUFFER);
    expect(lab.lines.join('\n')).not.toContain('trying to copy');
  });

  it('4.2: left as it is, with the old tables', () => {
    const { lab, iova, remapping } = second('linux-4.2', absent, [fn(2)]);
    expect(lab.translationOn).toBe(true);
    expect(lab.dma(0x0010, iova)).toMatchObject({ address: BUFFER });
    // Its driver is told nothing of it, and gets physical addresses, which the old tables do not have.
    const physical = remapping.mapDma(identity(0x0010), BUFFER + 0x10_0000, 4096) as number;
    expect(lab.dma(0x0010, physical).allowed).toBe(false);
  });

  it('keeps interrupt remapping', () => {
    const { lab, remapping } = second('linux-6', absent, [fn(2)]);
    remapping.enableInterruptRemapping();
    expect(lab.interruptRemappingOn).toBe(true);
    expect(lab.translationOn).toBe(false);
  });
});

describe('a unit is not ignored', () => {
  it.each([
    ['with a function that was found', unitOf(0, scope(9), scope(2))],
    ['that has all other functions', unitOf(1)],
    ['with a device known by its ACPI name', unitOf(0, scope(9, 5))],
  ])('%s', (_what, dmar) => {
    const { lab } = second('linux-6', dmar, [fn(2)]);
    expect(lab.translationOn).toBe(true);
    expect(lab.lines).toContain('DMAR: Copied translation tables from previous kernel for dmar0');
  });

  it('with an IO-APIC alone it is', () => {
    expect(second('linux-6', unitOf(0, scope(2, 3)), [fn(2)]).lab.translationOn).toBe(false);
  });
});

describe('a unit with graphics only', () => {
  it.each([
    [true, true],
    [false, false],
  ])('is in use if graphics are mapped: %s', (mapsGraphics, on) => {
    const dmar = unitOf(0, scope(2));
    expect(second('linux-6', dmar, [fn(2, 0x030000)], mapsGraphics).lab.translationOn).toBe(on);
    expect(second('linux-6', dmar, [fn(2)], mapsGraphics).lab.translationOn).toBe(true);
  });
});
