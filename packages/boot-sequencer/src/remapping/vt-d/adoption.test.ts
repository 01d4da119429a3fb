import { InterruptTable, RootTable } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const NIC = 0x0100;
const BUFFER = 0x800_0000;

/** A first kernel that crashed with one buffer mapped and one interrupt set up. */
function crashed() {
  const lab = new RemappingLab();
  lab.devices = [identity(NIC)];
  const first = lab.boot(1, 'linux-6');
  first.enableInterruptRemapping();
  first.initialise();
  first.finishInitialisation();
  const iova = first.mapDma(identity(NIC), BUFFER, 4096) as number;
  const message = first.interruptMessage(identity(NIC), 0x41);
  return { lab, iova, message };
}

describe('what a strategy hands to the kernel', () => {
  it('a root table: the shadow is in step, and drivers go on in that table', () => {
    const { lab, iova } = crashed();
    const second = lab.boot(2, 'linux-3.0');
    second.adoptRootTable(lab.handle, { address: lab.rootTable, scalable: false });
    lab.commands.length = 0;
    second.invalidateTranslations(lab.handle);
    second.finishInitialisation();
    for (const command of lab.commands) expect(command & 0x8000_0000).not.toBe(0);
    expect(lab.dma(NIC, iova)).toMatchObject({ address: BUFFER });
    second.reserveDomainId(lab.handle, 2);
    const fresh = second.mapDma(identity(0x0200), BUFFER + 0x10_0000, 4096) as number;
    expect(lab.dma(0x0200, fresh)).toMatchObject({ address: BUFFER + 0x10_0000 });
    expect(lab.dma(NIC, iova)).toMatchObject({ address: BUFFER });
  });

  it('a reserved domain ID is given to nobody', () => {
    const { lab } = crashed();
    const second = lab.boot(2, 'linux-3.10');
    for (let id = 2; id < 40; id++) second.reserveDomainId(lab.handle, id);
    second.initialise();
    second.finishInitialisation();
    second.mapDma(identity(0x0200), BUFFER, 4096);
    const root = RootTable.at(lab.rootTable, { memory: lab.memory, scalable: false });
    for (const { words } of root.contexts()) expect((words[2] as number) >>> 8).toBe(40);
  });

  it('a domain: the driver gets the old page table, and addresses apart from the old ones', () => {
    const { lab, iova } = crashed();
    const root = RootTable.at(lab.rootTable, { memory: lab.memory, scalable: false });
    const [context] = [...root.contexts()];
    const words = context?.words as readonly number[];
    const second = lab.boot(2, 'linux-3.10');
    second.adoptRootTable(lab.handle, { address: lab.rootTable, scalable: false });
    second.invalidateTranslations(lab.handle);
    second.adoptDomain({
      unit: lab.handle,
      requesterId: NIC,
      domainId: (words[2] as number) >>> 8,
      pageTableRoot: (words[0] as number) & 0xffff_f000,
      levels: 4,
      reserved: [{ start: iova, end: 0x1_0000_0000 }],
    });
    second.finishInitialisation();
    const fresh = second.mapDma(identity(NIC), BUFFER + 0x20_0000, 4096) as number;
    expect(fresh).toBe(iova - 4096);
    expect(lab.dma(NIC, fresh)).toMatchObject({ address: BUFFER + 0x20_0000 });
    expect(lab.dma(NIC, iova)).toMatchObject({ address: BUFFER });
  });

  it('an interrupt table: entries in use stay, new ones go elsewhere', () => {
    const { lab, message } = crashed();
    const second = lab.boot(2, 'linux-3.10');
    const address = lab.unit.readRegister32(0xb8) & 0xffff_f000;
    second.adoptInterruptTable(lab.handle, { address, entries: 65_536 });
    second.invalidateInterruptEntries(lab.handle);
    const fresh = second.interruptMessage(identity(0x0200), 0x61);
    expect(fresh.address).not.toBe(message.address);
    expect(lab.interrupt(0x0200, fresh)).toMatchObject({ delivered: true, vector: 0x61 });
    expect(lab.interrupt(NIC, message)).toMatchObject({ delivered: true, vector: 0x41 });
    expect([...new InterruptTable({ memory: lab.memory, address, entries: 65_536 }).present()]).toHaveLength(
      2,
    );
  });

  it('a unit that the machine does not have is a mistake of the strategy', () => {
    const { lab } = crashed();
    const second = lab.boot(2, 'linux-6');
    const stranger = { ...lab.handle, name: 'dmar7' };
    expect(() => second.initialiseUnit(stranger)).toThrow('there is no unit dmar7');
  });
});
