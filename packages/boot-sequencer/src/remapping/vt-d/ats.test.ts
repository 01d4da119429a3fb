import type { PciDevice } from '@quiesce/strategy';
import { contextTranslationType, type Dmar, RootTable, scalableContextDeviceTlb } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import type { DmaIdentity } from '../kernel-remapping.ts';
import { RemappingLab } from '../testing/remapping-lab.ts';

const ATS_CAPABILITY = 0x138;
const BUFFER = 0x800_0000;
const ROOT_PORT = 4;

/** A function of which only what ATS needs is there. */
function fake(bus: number, device: number, more: Partial<PciDevice> = {}) {
  const written: number[] = [];
  const one = {
    segment: 0,
    bus,
    device,
    fn: 0,
    name: 'a function',
    classCode: 0x020000,
    headerType: 0,
    pcieType: 0,
    upstream: undefined,
    readConfig8: (offset: number) => (offset === 0x19 || offset === 0x1a ? 1 : 0),
    findExtendedCapability: (id: number) => (id === 0x0f ? ATS_CAPABILITY : 0),
    writeConfig16: (offset: number, value: number) => {
      if (offset === ATS_CAPABILITY + 6) written.push(value);
    },
    ...more,
  } as PciDevice;
  const identity: DmaIdentity = {
    segment: 0,
    requesterIds: [(bus << 8) | (device << 3)],
    name: one.name,
    device: one,
  };
  return { one, identity, written };
}

const port = fake(0, 1, { headerType: 1, pcieType: ROOT_PORT }).one;
const endpointScope = { type: 1, enumerationId: 0, startBus: 0, path: [{ device: 0x0b, fn: 0 }] };
const portScope = { type: 2, enumerationId: 0, startBus: 0, path: [{ device: 1, fn: 0 }] };

function table(...structures: readonly object[]): Dmar {
  return { structures } as unknown as Dmar;
}

const atsr = { type: 'ATSR', segment: 0, flags: 0, scopes: [portScope] };

function boot(options: {
  identity: DmaIdentity;
  dmar: Dmar;
  kernel?: string;
  scalable?: boolean;
  deviceTlb?: boolean;
}) {
  const { identity, dmar, kernel = 'linux-6', scalable = false, deviceTlb = true } = options;
  const lab = new RemappingLab({ scalable: true, deviceTlb });
  lab.devices = [identity];
  lab.functions = [port, identity.device as PciDevice];
  lab.dmar = dmar;
  const first = lab.boot(1, kernel, scalable);
  first.initialise();
  first.finishInitialisation();
  return { lab, first };
}

function entry(lab: RemappingLab, scalable: boolean): readonly number[] {
  const [one] = RootTable.at(lab.rootTable, { memory: lab.memory, scalable }).contexts();
  return one?.words ?? [];
}

describe('a function with ATS', () => {
  it.each([
    [false, 'linux-4.2'],
    [false, 'linux-6'],
    [true, 'linux-6'],
  ])('below a port of an ATSR, scalable %s, %s: enabled, and its unit answers', (scalable, kernel) => {
    const { identity, written } = fake(1, 0, { upstream: port });
    const { lab, first } = boot({ identity, dmar: table(atsr), kernel, scalable });
    first.mapDma(identity, BUFFER, 4096);
    expect(written).toEqual([0x8000]);
    const [word0 = 0] = entry(lab, scalable);
    if (scalable) expect(scalableContextDeviceTlb(word0)).toBe(true);
    else expect(contextTranslationType(word0)).toBe(1);
  });

  it.each([
    ['below a port that no ATSR names', table(), {}],
    ['where the unit has no device-TLB support', table(atsr), { deviceTlb: false }],
    ['behind a bridge to PCI', table(atsr), { upstream: fake(0, 2, { pcieType: 7 }).one }],
    ['without the capability', table(atsr), { findExtendedCapability: () => 0 }],
  ])('%s: left off', (_where, dmar, more: { deviceTlb?: boolean } & Partial<PciDevice>) => {
    const { identity, written } = fake(1, 0, { upstream: port, ...more });
    const { lab, first } = boot({ identity, dmar, deviceTlb: more.deviceTlb ?? true });
    first.mapDma(identity, BUFFER, 4096);
    expect(written).toEqual([]);
    expect(contextTranslationType(entry(lab, false)[0] as number)).toBe(0);
  });

  it.each([
    [true, false, []],
    [true, true, [0x8000]],
    [false, false, [0x8000]],
  ])(
    'in a SATC that requires it %s, scalable %s: hardware does it alone in legacy mode',
    (required, scalable, expected) => {
      const { identity, written } = fake(0, 0x0b);
      const satc = { type: 'SATC', segment: 0, flags: required ? 1 : 0, scopes: [endpointScope] };
      boot({ identity, dmar: table(satc), scalable });
      expect(written).toEqual(expected);
    },
  );
});

describe('a device-TLB when a driver replaces a copied entry', () => {
  it.each([
    ['linux-6.12.107', true, []],
    ['linux-6.12.117', true, []],
    ['linux-6.17', true, [0x0100]],
    ['linux-6.17', false, []],
    ['linux-6', false, []],
    ['linux-6', true, [0x0100]],
  ])('%s, scalable %s: flushed only where ATS was enabled before the attach', (kernel, scalable, flushed) => {
    const { identity } = fake(1, 0, { upstream: port });
    const { lab } = boot({ identity, dmar: table(atsr), scalable });
    const second = lab.boot(2, kernel, scalable);
    second.initialise();
    second.finishInitialisation();
    expect(lab.invalidatedDeviceTlbs).toEqual([]);
    second.mapDma(identity, BUFFER, 4096);
    expect(lab.invalidatedDeviceTlbs).toEqual(flushed);
  });
});
