import { contextAvailable, RootTable } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { kernelProfile } from '../../profile/profiles.ts';
import type { RemappingProfile } from '../../profile/remapping-profile.ts';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const BUFFER = 0x800_0000;
/** Bus 82 as it was measured: nothing below device 0x10. */
const UPPER = 0x82a0;
const UPPER_TOO = 0x82f8;
const LOWER = 0x8210;

/** A first kernel that crashed with one page mapped for each requester; what each of them may reach. */
function crashed(requesters: readonly number[], scalable = true, kernel = 'linux-6') {
  const lab = new RemappingLab({ scalable: true });
  lab.devices = requesters.map(identity);
  const first = lab.boot(1, kernel, scalable);
  first.initialise();
  first.finishInitialisation();
  const iovas = requesters.map(
    (id, index) => first.mapDma(identity(id), BUFFER + index * 0x10_0000, 4096) as number,
  );
  return { lab, iovas };
}

function variant(name: string, remapping: Partial<RemappingProfile>) {
  const profile = kernelProfile(name);
  return { ...profile, remapping: { ...profile.remapping, ...remapping } };
}

/** Root entry of bus 82: which halves are present. */
function halves(lab: RemappingLab) {
  const entry = lab.rootTable + 0x82 * 16;
  return { lo: lab.memory.read32(entry) & 1, hi: lab.memory.read32(entry + 8) & 1 };
}

describe('a bus with an upper context table only', () => {
  it.each(['linux-6.0', 'linux-6.1.187', 'linux-6.12.107'])('%s: it goes to the lower half', (kernel) => {
    const { lab, iovas } = crashed([UPPER, UPPER_TOO]);
    expect(halves(lab)).toEqual({ lo: 0, hi: 1 });
    lab.boot(2, kernel, true).initialise();
    expect(halves(lab)).toEqual({ lo: 1, hi: 0 });
    for (const [index, id] of [UPPER, UPPER_TOO].entries()) {
      expect(lab.dma(id, iovas[index] as number)).toMatchObject({ allowed: false, reason: 0x39 });
    }
  });

  it.each(['linux-6.1.192', 'linux-6.12.117', 'linux-6'])('%s: it stays where it was', (kernel) => {
    const { lab, iovas } = crashed([UPPER]);
    lab.boot(2, kernel, true).initialise();
    expect(halves(lab)).toEqual({ lo: 0, hi: 1 });
    expect(lab.dma(UPPER, iovas[0] as number)).toMatchObject({ address: BUFFER });
  });

  it('with a device below 0x10 on the bus, both halves are kept by all', () => {
    const { lab, iovas } = crashed([LOWER, UPPER]);
    lab.boot(2, 'linux-6.1.187', true).initialise();
    expect(halves(lab)).toEqual({ lo: 1, hi: 1 });
    expect(lab.dma(UPPER, iovas[1] as number)).toMatchObject({ address: BUFFER + 0x10_0000 });
  });

  it('in legacy mode there are no halves', () => {
    const { lab, iovas } = crashed([UPPER], false);
    lab.boot(2, 'linux-6.1.187', false).initialise();
    expect(lab.dma(UPPER, iovas[0] as number)).toMatchObject({ address: BUFFER });
  });

  it('a driver repairs its own entry; its neighbour then finds the table, and no entry', () => {
    const { lab, iovas } = crashed([UPPER, UPPER_TOO]);
    const second = lab.boot(2, 'linux-6.1.187', true);
    second.initialise();
    second.finishInitialisation();
    expect(lab.dma(UPPER, iovas[0] as number).reason).toBe(0x39);
    const fresh = second.mapDma(identity(UPPER), BUFFER + 0x20_0000, 4096) as number;
    expect(lab.dma(UPPER, fresh)).toMatchObject({ address: BUFFER + 0x20_0000 });
    expect(lab.dma(UPPER_TOO, iovas[1] as number)).toMatchObject({ allowed: false, reason: 0x41 });
  });
});

describe('a context table that cannot be mapped', () => {
  it('costs its bus: root entry not present, the rest is fine', () => {
    const { lab, iovas } = crashed([0x0100, 0x0500], false);
    const root = RootTable.at(lab.rootTable, { memory: lab.memory, scalable: false });
    root.setContextTable(5, 0, 0x9000_0000);
    lab.boot(2, 'linux-6').initialise();
    expect(lab.lines).toContain('DMAR: dmar0: Failed to copy context table for bus 5');
    expect(lab.lines).toContain('DMAR: Copied translation tables from previous kernel for dmar0');
    expect(lab.dma(0x0500, iovas[1] as number)).toMatchObject({ allowed: false, reason: 1 });
    expect(lab.dma(0x0100, iovas[0] as number)).toMatchObject({ address: BUFFER });
  });

  it('may also be one that this kernel has no room for', () => {
    const { lab, iovas } = crashed([0x0100, 0x0500], false);
    lab.boot(2, variant('linux-6', { unmappableBuses: [5] })).initialise();
    expect(lab.dma(0x0500, iovas[1] as number)).toMatchObject({ allowed: false, reason: 1 });
    expect(lab.dma(0x0100, iovas[0] as number)).toMatchObject({ address: BUFFER });
  });

  it('of the upper half leaves the lower half copied; of the lower half leaves neither', () => {
    for (const [half, lower, upper] of [
      [1, 1, 0],
      [0, 0, 0],
    ] as const) {
      const { lab } = crashed([LOWER, UPPER]);
      const root = RootTable.at(lab.rootTable, { memory: lab.memory, scalable: true });
      root.setContextTable(0x82, half, 0x9000_0000);
      lab.boot(2, 'linux-6', true).initialise();
      expect(halves(lab)).toEqual({ lo: lower, hi: upper });
    }
  });

  it('a root table out of reach is refused as a whole', () => {
    const { lab } = crashed([0x0100], false);
    lab.handle.write32(0x20, 0x9000_0000);
    lab.boot(2, 'linux-6').initialise();
    expect(lab.lines).toContain('DMAR: Failed to copy translation tables from previous kernel for dmar0');
  });
});

describe('marks of copied entries', () => {
  it('stand in the entries until 5.19, beside the tables since', () => {
    for (const [kernel, mark] of [
      ['linux-4.2', 1],
      ['linux-5.10', 1],
      ['linux-6', 0],
    ] as const) {
      const { lab } = crashed([0x0100], false);
      lab.boot(2, kernel).initialise();
      const [entry] = RootTable.at(lab.rootTable, { memory: lab.memory, scalable: false }).contexts();
      expect(contextAvailable(entry?.words[2] as number)).toBe(mark);
    }
  });
});

describe('a scalable-mode table under a kernel that looks for the extended mode', () => {
  it('5.10: the lower half is found again, but with a PASID that nobody set up', () => {
    const { lab, iovas } = crashed([LOWER, UPPER]);
    lab.boot(2, 'linux-5.10', true).initialise();
    expect(lab.lines).toContain('DMAR: Copied translation tables from previous kernel for dmar0');
    expect(halves(lab)).toEqual({ lo: 1, hi: 0 });
    const [entry] = RootTable.at(lab.rootTable, { memory: lab.memory, scalable: true }).contexts();
    // Bit 67: RID_PASID is 8.
    expect((entry?.words[2] as number) & 0xf_ffff).toBe(8);
    expect(lab.dma(UPPER, iovas[1] as number)).toMatchObject({ allowed: false, reason: 0x39 });
  });

  it('4.2: RTADDR says legacy mode over a unit that goes on in scalable mode', () => {
    const { lab, iovas } = crashed([LOWER, UPPER]);
    lab.boot(2, 'linux-4.2').initialise();
    expect(lab.unit.softwareErrors).toBeGreaterThan(0);
    expect(lab.dma(UPPER, iovas[1] as number)).toMatchObject({ allowed: false, reason: 0x39 });
  });
});

describe('domain IDs that the copy reserves', () => {
  it('in legacy mode those of all copied entries', () => {
    const { lab } = crashed([0x0100, 0x0500], false);
    const second = lab.boot(2, 'linux-6');
    second.initialise();
    second.finishInitialisation();
    second.mapDma(identity(0x0600), BUFFER, 4096);
    expect([0x0100, 0x0500, 0x0600].map((id) => second.domainIdOf(identity(id)))).toEqual([2, 3, 4]);
  });

  it('in scalable mode none: an ID that an undriven device uses is given out again', () => {
    const { lab, iovas } = crashed([LOWER, UPPER]);
    const second = lab.boot(2, 'linux-6', true);
    second.initialise();
    second.finishInitialisation();
    const stranger = 0x0600;
    const fresh = second.mapDma(identity(stranger), BUFFER + 0x40_0000, 4096) as number;
    expect(second.domainIdOf(identity(stranger))).toBe(second.domainIdOf(identity(LOWER)));
    expect(fresh).toBe(iovas[0]);
    // Translations are cached by domain ID: whoever comes second gets what the first one put there.
    expect(lab.dma(LOWER, iovas[0] as number)).toMatchObject({ address: BUFFER });
    expect(lab.dma(stranger, fresh)).toMatchObject({ address: BUFFER });
  });

  it('would be kept apart if PASID entries were looked at', () => {
    const { lab } = crashed([LOWER, UPPER]);
    const second = lab.boot(2, variant('linux-6', { copiedDomainIds: 'pasid-entry' }), true);
    second.initialise();
    second.finishInitialisation();
    const fresh = second.mapDma(identity(0x0600), BUFFER + 0x40_0000, 4096) as number;
    expect(second.domainIdOf(identity(0x0600))).toBe(4);
    expect(lab.dma(0x0600, fresh)).toMatchObject({ address: BUFFER + 0x40_0000 });
  });
});
