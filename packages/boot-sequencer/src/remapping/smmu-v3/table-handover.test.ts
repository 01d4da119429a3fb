import { registerOffset } from '@quiesce/smmu-v3';
import { describe, expect, it } from 'vitest';
import { kernelProfile } from '../../profile/profiles.ts';
import type { SmmuProfile } from '../../profile/smmu-profile.ts';
import { identity } from '../testing/remapping-lab.ts';
import { SmmuLab } from '../testing/smmu-lab.ts';

const NIC = 0x0100;
const DISK = 0x0200;
const BUFFER = 0x800_0000;
const SMMUEN = 1;
const EVENTQEN = 4;
const CMDQEN = 8;

/** A first kernel that crashed with one buffer mapped, and the second one's driver before it does anything. */
function crashed(profile: string, changes: Partial<SmmuProfile> = {}, first: string = profile) {
  const lab = new SmmuLab();
  lab.devices = [identity(NIC), identity(DISK)];
  const one = lab.boot(1, first);
  one.initialise();
  one.finishInitialisation();
  const iova = one.mapDma(identity(NIC), BUFFER, 4096) as number;
  const two = lab.boot(2, profile, changes);
  lab.lines.length = 0;
  lab.writes.length = 0;
  return { lab, one, two, iova };
}

function enables(lab: SmmuLab): number {
  return lab.unit.readRegister32(registerOffset.CR0ACK);
}

describe('the first kernel', () => {
  it('brings everything up, and a buffer is where its driver mapped it', () => {
    const { lab, iova } = crashed('smmuv3-reattach');
    expect(enables(lab)).toBe(SMMUEN | EVENTQEN | CMDQEN);
    expect(iova).toBe(0xffff_f000);
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: true, address: BUFFER });
    expect(lab.dma(NIC, iova - 4096)).toMatchObject({ allowed: false, reason: 0x10 });
  });

  it('lets streams of no driver through, or not, as its era has it', () => {
    expect(crashed('smmuv3-reset').lab.dma(0x4200, 0x1000)).toMatchObject({ allowed: false, reason: 0x02 });
    expect(crashed('smmuv3-reset').lab.dma(0x0108, 0x1000)).toMatchObject({
      allowed: true,
      untranslated: true,
    });
    expect(crashed('smmuv3-reattach').lab.dma(0x0108, 0x1000)).toMatchObject({ allowed: false, reason: 0 });
  });

  it('says which ASID a function has', () => {
    const { one } = crashed('smmuv3-reattach');
    expect([NIC, DISK, 0x4200].map((id) => one.domainIdOf(identity(id)))).toEqual([1, 2, null]);
  });
});

describe('smmuv3-reset', () => {
  it('lets old traffic through untranslated while it switches the unit off and on', () => {
    const { lab, two, iova } = crashed('smmuv3-reset');
    const waits: unknown[] = [];
    lab.onWait = () => waits.push(lab.dma(NIC, iova));
    two.initialise();
    expect(waits).toEqual([expect.objectContaining({ allowed: true, untranslated: true, address: iova })]);
    expect(lab.lines[0]).toBe('arm-smmu-v3 smmu0: SMMU currently enabled! Resetting...');
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: false, reason: 0x10 });
  });

  it('prints each event as Linux does, and takes it', () => {
    const { lab, two, iova } = crashed('smmuv3-reset');
    two.initialise();
    lab.lines.length = 0;
    lab.dma(NIC, iova + 0x40);
    expect(two.handleFaults()).toEqual([
      {
        unit: lab.handle,
        requesterId: NIC,
        address: iova + 0x40,
        write: true,
        reason: 0x10,
        interrupt: false,
      },
    ]);
    expect(lab.lines).toEqual([
      'arm-smmu-v3 smmu0: event 0x10 received:',
      'arm-smmu-v3 smmu0: \t0x0000010000000010',
      'arm-smmu-v3 smmu0: \t0x0000020000000000',
      'arm-smmu-v3 smmu0: \t0x00000000fffff040',
      'arm-smmu-v3 smmu0: \t0x0000000000000000',
    ]);
    expect(two.handleFaults()).toEqual([]);
  });

  it('says when events were lost', () => {
    const { lab, two, iova } = crashed('smmuv3-reset');
    two.initialise();
    for (let i = 0; i < 130; i++) lab.dma(NIC, iova);
    expect(two.handleFaults()).toHaveLength(128);
    expect(lab.lines.at(-1)).toBe('arm-smmu-v3 smmu0: EVTQ overflow detected -- events lost');
    lab.dma(NIC, iova);
    expect(two.handleFaults()).toHaveLength(1);
  });
});

describe('smmuv3-abort', () => {
  it('refuses everything for good, and devices get no addresses', () => {
    const { lab, two, iova } = crashed('smmuv3-abort');
    two.initialise();
    two.finishInitialisation();
    expect(enables(lab)).toBe(0);
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: false, reason: 0 });
    expect(two.mapDma(identity(NIC), BUFFER, 4096)).toBeUndefined();
    expect(lab.lines).toEqual(['arm-smmu-v3: probe of smmu0 failed with error -16']);
    expect(two.handleFaults()).toEqual([]);
  });
});

describe('smmuv3-reattach', () => {
  it('refuses old traffic while it resets and afterwards, and records nothing of it', () => {
    const { lab, two, iova } = crashed('smmuv3-reattach');
    const waits: unknown[] = [];
    lab.onWait = () => waits.push(lab.dma(NIC, iova));
    two.initialise();
    two.finishInitialisation();
    expect(waits).toEqual([expect.objectContaining({ allowed: false, reason: 0 })]);
    expect(enables(lab)).toBe(SMMUEN | CMDQEN);
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: false, reason: 0x10 });
    expect(two.handleFaults()).toEqual([]);
    const fresh = two.mapDma(identity(NIC), BUFFER + 0x1000, 4096) as number;
    expect(lab.dma(NIC, fresh).address).toBe(BUFFER + 0x1000);
  });

  it('is what a kernel does that says nothing of SMMUs', () => {
    const { lab, two, iova } = crashed('linux-6');
    two.initialise();
    expect(lab.dma(NIC, iova).allowed).toBe(false);
    expect(enables(lab)).toBe(SMMUEN | CMDQEN);
  });
});

describe('smmuv3-adopt', () => {
  it('leaves the unit on and its table where it is; old traffic goes on to old buffers', () => {
    const { lab, two, iova } = crashed('smmuv3-adopt');
    two.initialise();
    two.finishInitialisation();
    expect(enables(lab)).toBe(SMMUEN | CMDQEN);
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: true, address: BUFFER });
    const untouched = [registerOffset.STRTAB_BASE, registerOffset.STRTAB_BASE_CFG, registerOffset.CR1];
    expect(lab.writes.filter(({ offset }) => untouched.includes(offset as never))).toEqual([]);
    for (const { offset, value } of lab.writes) {
      if (offset === registerOffset.CR0) expect(value & SMMUEN).toBe(SMMUEN);
    }
    expect(lab.unit.softwareErrors).toBe(0);
  });

  it('gives a function a table of its own when its driver comes, and others go on', () => {
    const { lab, two, iova } = crashed('smmuv3-adopt');
    two.initialise();
    two.finishInitialisation();
    const fresh = two.mapDma(identity(DISK), BUFFER + 0x1000, 4096) as number;
    expect(lab.dma(DISK, fresh).address).toBe(BUFFER + 0x1000);
    expect(lab.dma(NIC, iova).address).toBe(BUFFER);
    two.mapDma(identity(NIC), BUFFER + 0x2000, 4096);
    expect(lab.dma(NIC, iova).address).toBe(BUFFER + 0x2000);
  });

  it('keeps the old ASIDs from new domains', () => {
    const { lab, two, iova } = crashed('smmuv3-adopt');
    two.initialise();
    two.finishInitialisation();
    lab.dma(NIC, iova);
    const fresh = two.mapDma(identity(0x0300), BUFFER + 0x1000, 4096) as number;
    expect(fresh).toBe(iova);
    expect(two.domainIdOf(identity(0x0300))).toBe(3);
    expect(lab.dma(0x0300, fresh).address).toBe(BUFFER + 0x1000);
  });

  it('without that, a new domain meets what the TLB holds of old traffic', () => {
    const { lab, two, iova } = crashed('smmuv3-adopt', { reservesAdoptedAsids: false });
    two.initialise();
    two.finishInitialisation();
    lab.dma(NIC, iova);
    const fresh = two.mapDma(identity(0x0300), BUFFER + 0x1000, 4096) as number;
    expect(two.domainIdOf(identity(0x0300))).toBe(1);
    expect(lab.dma(0x0300, fresh).address).toBe(BUFFER);
  });

  it('attaches at once where the old kernel let nothing through', () => {
    const { lab, one, two } = crashed('smmuv3-adopt');
    expect(one.domainIdOf(identity(0x0108))).toBeNull();
    lab.devices = [...lab.devices, identity(0x0108)];
    two.initialise();
    expect(two.domainIdOf(identity(0x0108))).toBe(3);
    expect(two.domainIdOf(identity(NIC))).toBe(1);
  });

  it.each([
    ['a level 1 descriptor', 'L1[1] unsupported span 4 (vs 9)'],
    ['the split', 'unsupported STRTAB_SPLIT 6 (expected 8)'],
    ['the size', 'log2size 40 out of range [8, 16]'],
    ['the format', 'invalid STRTAB format 2'],
    ['a linear size', 'unsupported log2size 20 (> 16)'],
  ])('resets fully if %s cannot be trusted', (what, complaint) => {
    const { lab, two, iova } = crashed('smmuv3-adopt');
    const { address } = lab.table.place;
    const { handle } = lab;
    lab.memory.write32(
      address + 8,
      what === 'a level 1 descriptor' ? 0x10_0004 : lab.memory.read32(address + 8),
      0,
    );
    const config = new Map([
      ['the split', 0x1_0190],
      ['the size', 0x1_0228],
      ['the format', 0x2_0210],
      ['a linear size', 0x14],
    ]).get(what);
    if (config !== undefined) {
      handle.write32(registerOffset.CR0, 0);
      handle.write32(registerOffset.STRTAB_BASE_CFG, config);
      handle.write32(registerOffset.CR0, SMMUEN);
    }
    two.initialise();
    expect(lab.lines.slice(0, 3)).toEqual([
      `arm-smmu-v3 smmu0: kdump: ${complaint}`,
      'arm-smmu-v3 smmu0: kdump: falling back to full reset',
      'arm-smmu-v3 smmu0: SMMU currently enabled! Resetting...',
    ]);
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: false, reason: 0x10 });
  });

  it('does not adopt from a unit that has failed, or whose walks are not coherent', () => {
    const { lab, two, iova } = crashed('smmuv3-adopt');
    lab.unit.raiseServiceFailure();
    two.initialise();
    expect(lab.dma(NIC, iova).allowed).toBe(false);
    expect(lab.lines[0]).toBe('arm-smmu-v3 smmu0: kdump: cannot adopt the stream table');
  });

  it('goes on in a linear table, too', () => {
    const lab = new SmmuLab({ idr0: 0x0d44_101b & ~(3 << 27), idr1: 0x0107_000a });
    lab.devices = [identity(NIC)];
    const one = lab.boot(1, 'smmuv3-adopt');
    one.initialise();
    one.finishInitialisation();
    const iova = one.mapDma(identity(NIC), BUFFER, 4096) as number;
    expect(lab.table.place).toMatchObject({ format: 0, log2Size: 10 });
    const two = lab.boot(2, 'smmuv3-adopt');
    two.initialise();
    expect(lab.dma(NIC, iova).address).toBe(BUFFER);
  });
});

it('checks translated addresses where there are any, and goes on doing so when it adopts', () => {
  const lab = new SmmuLab({ idr0: 0x0d44_141b });
  lab.devices = [identity(NIC)];
  lab.boot(1, 'smmuv3-adopt').initialise();
  expect(enables(lab)).toBe(SMMUEN | EVENTQEN | CMDQEN | 0x10);
  lab.boot(2, 'smmuv3-adopt').initialise();
  expect(enables(lab)).toBe(SMMUEN | CMDQEN | 0x10);
});

describe('kernels of other kinds', () => {
  it('pass everything through with iommu.passthrough', () => {
    const lab = new SmmuLab();
    lab.devices = [identity(NIC)];
    const row = kernelProfile('smmuv3-reattach');
    const one = lab.boot(1, { ...row, first: { ...row.first, defaultDomain: 'passthrough' } });
    one.initialise();
    one.finishInitialisation();
    expect(one.mapDma(identity(NIC), BUFFER, 4096)).toBe(BUFFER);
    expect(lab.dma(NIC, BUFFER)).toMatchObject({ allowed: true, untranslated: true });
  });

  it('leave the unit alone without the driver', () => {
    const { lab, two, iova } = crashed('linux-6-iommu-off', {}, 'linux-6');
    two.initialise();
    two.finishInitialisation();
    expect(two.mapDma(identity(NIC), BUFFER, 4096)).toBe(BUFFER);
    expect(lab.dma(NIC, iova).address).toBe(BUFFER);
  });

  it('switch it off on the crash path', () => {
    const { lab, one, iova } = crashed('smmuv3-reattach');
    one.disableOnCrash();
    expect(lab.dma(NIC, iova)).toMatchObject({ allowed: true, untranslated: true });
    expect(one.domainIdOf(identity(NIC))).toBeNull();
  });
});

it('sends interrupts to the doorbell, where the stream table lets them', () => {
  const { lab, two } = crashed('smmuv3-adopt');
  const message = two.interruptMessage(identity(NIC), 0x41, 2);
  expect(message).toEqual({ address: 0xfee0_2000, data: 0x41 });
  expect(lab.interrupt(NIC, message)).toMatchObject({ delivered: true, vector: 0x41, destination: 2 });
  expect(two.remapsInterrupts).toBe(false);
  expect(lab.interrupt(0x4200, message).delivered).toBe(false);
});
