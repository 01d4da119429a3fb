import { amdRegister, IoPageTable } from '@quiesce/amd-iommu';
import { expect, it } from 'vitest';
import { kernelProfile } from '../../profile/profiles.ts';
import { AmdLab } from '../testing/amd-lab.ts';
import { identity } from '../testing/remapping-lab.ts';

const NIC = identity(0x0100);
const DISK = identity(0x0200);

/** A first kernel that has given the network card a page. */
function booted(
  profile = 'amd-copy',
  options: ConstructorParameters<typeof AmdLab>[0] = {},
): { lab: AmdLab; iova: number } {
  const lab = new AmdLab(options);
  const first = lab.bootFully(1, profile);
  return { lab, iova: first.mapDma(NIC, 0x1000_0000, 4096) as number };
}

it('gives each device a domain of its own, from 1 on, with three levels', () => {
  const { lab, iova } = booted();
  expect(iova).toBe(0xffff_f000);
  expect(lab.dma(NIC.requesterIds[0] as number, iova).address).toBe(0x1000_0000);
  expect(lab.table.entry(0x0100)).toMatchObject({
    valid: true,
    levels: 3,
    domainId: 1,
    read: true,
    write: true,
  });
  // init_device_table_dma: everything else is refused, not passed.
  expect(lab.table.entry(0x0200)).toMatchObject({
    valid: true,
    translationValid: true,
    read: false,
    domainId: 0,
  });
  expect(lab.dma(0x0200, 0).allowed).toBe(false);
});

it('lets requests pass between interrupt setup and pci_iommu_init, when entries are not valid yet', () => {
  const lab = new AmdLab();
  const driver = lab.boot(1, 'amd-rebuild');
  driver.enableInterruptRemapping();
  expect(lab.dma(0x0100, 0x5000)).toMatchObject({ allowed: true, untranslated: true });
  expect(lab.interrupt(0x0100, { address: 0xfee0_0000, data: 0x41 }).delivered).toBe(false);
  driver.initialise();
  expect(lab.dma(0x0100, 0x5000).allowed).toBe(false);
});

it('remaps an interrupt through a table of the device, and keeps the old one until it is asked', () => {
  const { lab } = booted();
  const first = lab.boot(1, 'amd-copy');
  expect(first.interruptMessage(NIC, 0x41, 2)).toEqual({ address: 0xfee0_2000, data: 0x41 });
  const { lab: other } = booted();
  const driver = other.bootFully(2, 'amd-copy');
  const message = driver.interruptMessage(NIC, 0x55, 3);
  expect(other.interrupt(0x0100, message)).toMatchObject({ delivered: true, vector: 0x55, destination: 3 });
  expect(driver.remapsInterrupts).toBe(true);
});

it('copies entries bit for bit into memory of its own, without guest translation', () => {
  const { lab, iova } = booted();
  const old = lab.table;
  old.setWords(0x0300, [0x0000_0201, 0x2780_0000, 0xabcd_0009, 0x0000_0801]);
  const driver = lab.bootFully(2, 'amd-copy');
  expect(lab.table.address).not.toBe(old.address);
  expect(lab.memory.ownerAt(lab.table.address)).toBe('crash-kernel');
  expect(lab.table.words(0x0100)).toEqual(old.words(0x0100));
  expect(lab.table.words(0x0300).slice(0, 4)).toEqual([0x0000_0203, 0x2300_0000, 0x0000_0009, 0x0000_0001]);
  expect(lab.dma(0x0100, iova).address).toBe(0x1000_0000);
  // Domain IDs 1 and 9 are taken.
  driver.mapDma(DISK, 0x2000_0000, 4096);
  expect(driver.domainIdOf(DISK)).toBe(2);
  driver.mapDma(NIC, 0x2000_0000, 4096);
  expect(driver.domainIdOf(NIC)).toBe(3);
  expect(lab.dma(0x0100, iova - 0x5000).allowed).toBe(false);
});

it('flushes the old domain when a driver attaches, since 5.1', () => {
  for (const flushes of [false, true]) {
    const { lab, iova } = booted();
    lab.dma(0x0100, iova);
    const driver = lab.bootFully(2, 'amd-copy', { flushesOldDomain: flushes });
    // Another device of the old domain keeps what the unit has cached, and nothing else.
    lab.table.setWords(0x0300, lab.table.words(0x0100));
    expect(lab.dma(0x0300, iova).address).toBe(0x1000_0000);
    const { pageTable } = lab.table.entry(0x0100);
    for (let at = 0; at < 4096; at += 4) lab.memory.write32(pageTable + at, 0, 0);
    driver.mapDma(NIC, 0x2000_0000, 4096);
    expect(lab.dma(0x0300, iova).allowed).toBe(!flushes);
  }
});

it('looks up a mixed address while the base register is half written', () => {
  const { lab, iova } = booted('amd-copy-2016', { deviceTableCache: 0 });
  const seen: unknown[] = [];
  const driver = lab.boot(2, 'amd-copy-2016', { deviceTable: 'below-4g', baseWriteGapUs: 3 });
  lab.onWait = () => seen.push(lab.dma(0x0100, iova).untranslated, lab.table.address);
  driver.enableInterruptRemapping();
  expect(lab.delays).toEqual([0.003]);
  // The upper half of a table of the first kernel above 4 GiB, the lower half of one of the second below.
  expect(seen).toEqual([true, lab.table.address + 0x1_0000_0000]);
  expect(lab.dma(0x0100, iova).address).toBe(0x1000_0000);
});

it('makes new tables where the old one is not of its size, or cannot be trusted', () => {
  const { lab } = booted();
  lab.lastRequesterId = 0x03ff;
  lab.bootFully(2, 'amd-adopt');
  expect(lab.lines).toContain('AMD-Vi: The device table size of IOMMU:0 is not expected!');
  expect(lab.lines).toContain('AMD-Vi: Failed to reuse DEV table from previous kernel.');
  const { lab: high } = booted('amd-rebuild');
  expect(high.table.address).toBeGreaterThan(2 ** 32);
  high.bootFully(2, 'amd-copy');
  expect(high.lines).toContain('AMD-Vi: Failed to copy DEV table from previous kernel.');
});

it('adopts table, rings and completion store, and writes into the old table when a driver attaches', () => {
  const { lab, iova } = booted('amd-copy', { locked: true });
  const { address } = lab.table;
  const commands = lab.handle.read32(amdRegister.commandBuffer);
  const driver = lab.bootFully(2, 'amd-adopt');
  expect(lab.table.address).toBe(address);
  expect(lab.handle.read32(amdRegister.commandBuffer)).toBe(commands);
  expect(lab.dma(0x0100, iova).address).toBe(0x1000_0000);
  expect(lab.lines).not.toContain('AMD-Vi: Completion-Wait loop timed out');
  driver.mapDma(NIC, 0x2000_0000, 4096);
  expect(lab.table.entry(0x0100).domainId).toBe(2);
  expect(lab.dma(0x0100, 0xffff_f000).address).toBe(0x2000_0000);
});

it('gets no answer from a unit that reads its commands elsewhere, and goes on', () => {
  const { lab } = booted('amd-copy', { locked: true });
  const old = lab.table.address;
  const driver = lab.bootFully(2, 'amd-copy');
  expect(lab.delays.filter((ms) => ms === 100).length).toBeGreaterThan(0);
  expect(lab.lines).toContain('AMD-Vi: Completion-Wait loop timed out');
  expect(lab.table.address).toBe(old);
  // Its own table has the entry; the unit's has not.
  const message = driver.interruptMessage(DISK, 0x55);
  expect(lab.interrupt(0x0200, message).delivered).toBe(false);
  // Events go to the old log: where this kernel looks there is none.
  driver.handleFaults();
  expect(lab.lines).toContain('AMD-Vi: No event written to event log');
});

it('flushes one by one where the unit cannot forget everything at once', () => {
  const { lab, iova } = booted('amd-copy', { features: { low: 0, high: 0 } });
  lab.dma(0x0100, iova);
  lab.bootFully(2, 'amd-rebuild');
  expect(lab.dma(0x0100, iova).allowed).toBe(false);
  expect(lab.lines).not.toContain('AMD-Vi: Completion-Wait loop timed out');
});

it('takes events from the log, clears them, and starts the log again after an overflow', () => {
  const { lab } = booted();
  const driver = lab.bootFully(2, 'amd-copy');
  lab.devices = [DISK];
  for (let i = 0; i < 600; i++) lab.dma(0x0200, 0x7000);
  const faults = driver.handleFaults();
  expect(faults).toHaveLength(511);
  expect(faults[0]).toMatchObject({
    requesterId: 0x0200,
    address: 0x7000,
    write: true,
    reason: 2,
    interrupt: false,
  });
  expect(lab.lines).toContain(
    'pci 0000:02:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0000 address=0x7000 flags=0x0060]',
  );
  lab.dma(0x0900, 0x7000);
  expect(driver.handleFaults()).toHaveLength(1);
});

it('words other events as Linux does', () => {
  const { lab } = booted();
  const driver = lab.bootFully(2, 'amd-rebuild');
  lab.dma(0x0900, 0x7000);
  driver.handleFaults();
  expect(lab.lines).toContain(
    'AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=09:00.0 pasid=0x00000 address=0x7000 flags=0x0000]',
  );
});

it('maps regions of firmware to themselves, and passes everything through with iommu=pt', () => {
  const lab = new AmdLab();
  lab.reservedRegions = [{ segment: 0, start: 0x8000, end: 0xa000, requesterIds: [0x0100] }];
  const driver = lab.bootFully(1, 'amd-copy');
  driver.mapDma(NIC, 0x1000_0000, 4096);
  expect(lab.dma(0x0100, 0x9004).address).toBe(0x9004);
  const through = new AmdLab();
  const profile = { ...copying(), first: { ...copying().first, defaultDomain: 'passthrough' as const } };
  expect(through.bootFully(1, profile).mapDma(NIC, 0x1234_5678, 16)).toBe(0x1234_5678);
  expect(through.dma(0x0100, 0x1234_5678)).toMatchObject({ allowed: true, untranslated: true });
});

it('gives a guest addresses of its own', () => {
  const lab = new AmdLab();
  const profile = { ...copying(), first: { ...copying().first, addresses: 'guest-physical' as const } };
  expect(lab.bootFully(1, profile).mapDma(NIC, 0x1000_0010, 16)).toBe(0x1234_5010);
});

it('goes on with tables that a strategy has put in its place', () => {
  const { lab, iova } = booted();
  const driver = lab.boot(2, 'amd-rebuild');
  const { address } = lab.table;
  driver.adoptInterruptTable(lab.handle);
  driver.adoptRootTable(lab.handle, { address, scalable: false });
  driver.reserveDomainId(lab.handle, 2);
  driver.adoptEntry(lab.handle, { requesterId: 0x0100, domainId: 1 });
  const pages = new IoPageTable({ memory: lab.memory, levels: 3, allocatePage: () => 0x1100_0000 });
  driver.adoptDomain({
    unit: lab.handle,
    requesterId: 0x0300,
    domainId: 4,
    levels: 3,
    pageTableRoot: pages.root,
    reserved: [{ start: 0xffff_f000, end: 0x1_0000_0000 }],
  });
  driver.invalidateTranslations(lab.handle);
  driver.invalidateInterruptEntries(lab.handle);
  driver.enableInterruptRemapping();
  driver.initialise();
  driver.finishInitialisation();
  expect(lab.table.address).toBe(address);
  expect(lab.dma(0x0100, iova).address).toBe(0x1000_0000);
  driver.mapDma(DISK, 0x2000_0000, 4096);
  expect(driver.domainIdOf(DISK)).toBe(3);
  expect(driver.remapsInterrupts).toBe(true);
});

it('knows no domain where the unit is off, the entry is empty, or nobody covers the function', () => {
  const lab = new AmdLab();
  const driver = lab.boot(1, 'amd-copy');
  expect(driver.domainIdOf(NIC)).toBeNull();
  driver.enableInterruptRemapping();
  expect(driver.domainIdOf(NIC)).toBeNull();
  expect(driver.domainIdOf(identity(0x0900))).toBeNull();
  expect(() => driver.initialiseUnit({ ...lab.handle, name: 'ivhd9' })).toThrow('no unit ivhd9');
});

it('switches units off on the crash path where the kernel does that', () => {
  const { lab, iova } = booted();
  lab.boot(1, 'amd-copy').disableOnCrash();
  expect(lab.dma(0x0100, iova)).toMatchObject({ address: iova, untranslated: true });
});

it('leaves interrupts alone in new tables without interrupt remapping, and in old ones as they were', () => {
  const lab = new AmdLab();
  const first = lab.boot(1, 'amd-rebuild');
  first.initialise();
  first.finishInitialisation();
  expect(first.remapsInterrupts).toBe(false);
  const message = first.interruptMessage(NIC, 0x41, 1);
  expect(lab.interrupt(0x0100, message)).toMatchObject({ delivered: true, vector: 0x41, destination: 1 });
  const { lab: remapped } = booted();
  const second = remapped.boot(2, 'amd-adopt');
  second.initialise();
  second.finishInitialisation();
  expect(remapped.interrupt(0x0100, second.interruptMessage(NIC, 0x41, 1)).delivered).toBe(false);
});

it('gives functions of one group one domain, and in Linux 5.11 none over a copied table', () => {
  const group = { index: 0, size: 2 };
  const [one, two] = [
    { ...NIC, group },
    { ...DISK, group },
  ];
  const { lab } = booted();
  const driver = lab.bootFully(2, 'amd-copy');
  driver.mapDma(one, 0x2000_0000, 4096);
  driver.mapDma(two, 0x2000_1000, 4096);
  expect(driver.domainIdOf(two)).toBe(driver.domainIdOf(one));
  expect(lab.dma(0x0100, 0xffff_e000).address).toBe(0x2000_1000);
  const { lab: other } = booted();
  const profile = {
    ...copying(),
    remapping: { ...copying().remapping, deferredAttach: 'lone-devices' as const },
  };
  const refusing = other.bootFully(2, profile);
  expect(refusing.mapDma(one, 0x2000_0000, 4096)).toBeUndefined();
  expect(refusing.mapDma(NIC, 0x2000_0000, 4096)).toBe(0xffff_f000);
});

function copying(): ReturnType<typeof kernelProfile> {
  return kernelProfile('amd-copy');
}
