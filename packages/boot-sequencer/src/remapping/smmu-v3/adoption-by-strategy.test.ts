import {
  contextDescriptorTable,
  PageTable,
  registerOffset,
  StreamTable,
  streamEntryContext,
} from '@quiesce/smmu-v3';
import { describe, expect, it } from 'vitest';
import { identity } from '../testing/remapping-lab.ts';
import { SmmuLab } from '../testing/smmu-lab.ts';

const NIC = 0x0100;
const BUFFER = 0x800_0000;

function crashed() {
  const lab = new SmmuLab();
  lab.devices = [identity(NIC)];
  const one = lab.boot(1, 'smmuv3-reattach');
  one.initialise();
  one.finishInitialisation();
  const iova = one.mapDma(identity(NIC), BUFFER, 4096) as number;
  return { lab, iova, two: lab.boot(2, 'smmuv3-reattach') };
}

describe('what a strategy hands to the kernel', () => {
  it('a stream table: drivers go on in it, and old streams go on', () => {
    const { lab, iova, two } = crashed();
    two.adoptRootTable(lab.handle, { address: lab.table.place.address, scalable: false });
    two.invalidateTranslations(lab.handle);
    two.reserveDomainId(lab.handle, 1);
    two.finishInitialisation();
    const fresh = two.mapDma(identity(0x0200), BUFFER + 0x1000, 4096) as number;
    expect(lab.dma(0x0200, fresh).address).toBe(BUFFER + 0x1000);
    expect(two.domainIdOf(identity(0x0200))).toBe(2);
    expect(lab.dma(NIC, iova).address).toBe(BUFFER);
  });

  it('an entry of the old kernel: its translations go when its driver attaches', () => {
    const { lab, iova, two } = crashed();
    two.adoptRootTable(lab.handle, { address: lab.table.place.address, scalable: false });
    two.adoptEntry(lab.handle, { requesterId: NIC, domainId: 1 });
    two.finishInitialisation();
    const old = lab.table.entry(NIC) as readonly number[];
    lab.dma(NIC, iova);
    two.mapDma(identity(NIC), BUFFER + 0x1000, 4096);
    expect(two.domainIdOf(identity(NIC))).toBe(2);
    // Another stream with the old entry, and the page gone from the old table: only the TLB could still know it.
    StreamTable.at(lab.table.place, { memory: lab.memory }).setEntry(0x0101, old);
    const context = streamEntryContext(old[0] as number, old[1] as number);
    const root = contextDescriptorTable(lab.memory.read32(context + 8), lab.memory.read32(context + 12));
    PageTable.at(root, { memory: lab.memory, stage: 1, levels: 4 }).unmap(iova, 4096);
    expect(lab.dma(0x0101, iova)).toMatchObject({ allowed: false, reason: 0x10 });
  });

  it('a domain: the driver gets the old page table, and addresses apart from the old ones', () => {
    const { lab, iova, two } = crashed();
    const words = lab.table.entry(NIC) as readonly number[];
    const context = streamEntryContext(words[0] as number, words[1] as number);
    const { memory } = lab;
    two.adoptRootTable(lab.handle, { address: lab.table.place.address, scalable: false });
    two.adoptDomain({
      unit: lab.handle,
      requesterId: NIC,
      domainId: 1,
      levels: 4,
      pageTableRoot: contextDescriptorTable(memory.read32(context + 8), memory.read32(context + 12)),
      reserved: [{ start: iova, end: iova + 4096 }],
    });
    two.finishInitialisation();
    const fresh = two.mapDma(identity(NIC), BUFFER + 0x1000, 4096) as number;
    expect(fresh).toBe(iova - 4096);
    expect(lab.dma(NIC, fresh).address).toBe(BUFFER + 0x1000);
    expect(lab.dma(NIC, iova).address).toBe(BUFFER);
  });

  it('one unit to initialise, and one that does not exist', () => {
    const { lab, iova, two } = crashed();
    two.initialiseUnit(lab.handle);
    expect(lab.dma(NIC, iova).allowed).toBe(false);
    expect(() => two.initialiseUnit({ ...lab.handle, name: 'smmu9' })).toThrow('there is no unit smmu9');
  });

  it('nothing for interrupts, which an SMMU does not remap', () => {
    const { lab, two } = crashed();
    const before = lab.writes.length;
    two.enableInterruptRemapping();
    two.enableInterruptRemappingOf();
    two.invalidateInterruptEntries();
    two.adoptInterruptTable();
    expect(lab.writes.length).toBe(before);
  });
});

describe('a command queue', () => {
  it('that a strategy has had started survives the reset of the unit', () => {
    const { lab, two } = crashed();
    two.invalidateTranslations(lab.handle);
    two.initialise();
    two.finishInitialisation();
    const fresh = two.mapDma(identity(NIC), BUFFER, 4096) as number;
    expect(lab.dma(NIC, fresh).address).toBe(BUFFER);
    expect(lab.lines.join('\n')).not.toContain('CMD_SYNC timeout');
  });

  it('that stands still is complained about', () => {
    const { lab, two } = crashed();
    two.invalidateTranslations(lab.handle);
    lab.lines.length = 0;
    const base = lab.unit.readRegister32(registerOffset.CMDQ_BASE) & ~0xfff;
    const prod = lab.unit.readRegister32(registerOffset.CMDQ_PROD);
    lab.memory.write32(base + prod * 16, 0xff, 0);
    lab.handle.write32(registerOffset.CMDQ_PROD, prod + 1);
    two.invalidateTranslations(lab.handle);
    expect(lab.lines[0]).toMatch(/^arm-smmu-v3 smmu0: CMD_SYNC timeout at 0x0100000/);
    lab.lines.length = 0;
    two.handleFaults();
    expect(lab.lines).toEqual([
      'arm-smmu-v3 smmu0: unexpected global error reported (0x00000001), this could be serious',
    ]);
  });
});
