import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bytesToHex, hexToBytes, type Machine, type MachineRegion } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { labTopology } from '../topologies/lab-topologies.ts';
import { compareMachines } from './compare-machines.ts';
import { type Difference, disagreements } from './difference.ts';
import { adoptReported, importReported } from './import-reported.ts';

const machine = labTopology('q35-lab');

/** The machine with bytes of one function's config space changed. */
function changed(name: string, bytes: Readonly<Record<number, number>>): Machine {
  const functions = machine.functions.map((one) => {
    if (one.name !== name) return one;
    const config = hexToBytes(one.config) as Uint8Array;
    for (const [offset, value] of Object.entries(bytes)) config[Number(offset)] = value;
    return { ...one, config: bytesToHex(config) };
  });
  return { ...machine, functions };
}

function at(differences: readonly Difference[]): string[] {
  return differences.map((one) => one.at);
}

describe('compareMachines', () => {
  it('finds a machine equal to itself', () => {
    expect(compareMachines(machine, machine)).toEqual([]);
  });

  it.each([
    [
      'a read-only bit of a capability',
      '0000:01:00.0',
      { 228: 0xff },
      '0000:01:00.0 PCI Express, device: DEVICE_CAPABILITIES',
    ],
    ['a byte that no layout knows', '0000:00:1f.0', { 68: 0x81 }, '0000:00:1f.0 0x44'],
    ['a BAR', '0000:01:00.0', { 18: 0xe6 }, '0000:01:00.0 BAR 0'],
    ['a bus number', '0000:00:02.0', { 26: 0x05 }, '0000:00:02.0 subordinate bus'],
    ['a memory window', '0000:00:02.0', { 34: 0xe0 }, '0000:00:02.0 memory window'],
    [
      'an open window that is closed',
      '0000:00:02.0',
      { 36: 0xf1, 37: 0xff },
      '0000:00:02.0 prefetchable window',
    ],
    ['a capability that is missing', '0000:07:00.0', { 52: 0x00 }, '0000:07:00.0 CAPABILITIES_POINTER'],
  ])('tells %s', (_, name, bytes, where) => {
    const found = compareMachines(machine, changed(name, bytes));
    expect(at(disagreements(found))).toEqual([where]);
  });

  it('lists what software writes with the reason, and does not call it a disagreement', () => {
    const found = compareMachines(machine, changed('0000:01:00.0', { 4: 0, 60: 11 }));
    expect(at(found)).toEqual(['0000:01:00.0 COMMAND', '0000:01:00.0 INTERRUPT_LINE']);
    expect(disagreements(found)).toEqual([]);
  });

  it('takes a closed window for closed, however it is written', () => {
    const found = compareMachines(machine, changed('0000:03:01.0', { 28: 0xd0, 29: 0xc0 }));
    expect(found).toEqual([]);
  });

  it('tells functions, root complexes, units and structures of the DMAR table that one of them lacks', () => {
    const without: Machine = {
      ...machine,
      functions: machine.functions.filter(({ name }) => name !== '0000:07:00.0'),
      units: [],
      dmar: (machine.dmar as string).replace('0208000000000300', '0208000000000500'),
    };
    expect(at(disagreements(compareMachines(machine, without)))).toEqual([
      '0000:07:00.0',
      'number of units',
      'DMAR',
    ]);
    expect(disagreements(compareMachines(without, machine))[0]).toEqual({
      at: '0000:07:00.0',
      expected: 'no function',
      reported: '8086:2668',
    });
  });

  it('tells memory that is not where it should be, but not whose of the kernel it is', () => {
    const move = (from: number, to: Partial<MachineRegion>): Machine => ({
      ...machine,
      memoryMap: machine.memoryMap.map((one) => (one.start === from ? { ...one, ...to } : one)),
    });
    expect(at(disagreements(compareMachines(machine, move(0x440_0000, { owner: 'mmio' }))))).toEqual([
      'memory 0x4400000..0x2dffffff',
    ]);
    expect(disagreements(compareMachines(machine, move(0x440_0000, { owner: 'dump-relevant' })))).toEqual([]);
    const later = compareMachines(machine, move(0x3ffd_6000, { owner: 'first-kernel' }));
    expect(later).toHaveLength(1);
    expect(disagreements(later)).toEqual([]);
  });
});

const groundTruth = fileURLToPath(new URL('../../../../../shared/ground-truth', import.meta.url));

describe.skipIf(!existsSync(groundTruth))(
  'the machine of the first measurements (../shared/ground-truth)',
  () => {
    const file = (name: string): Buffer => {
      return existsSync(groundTruth) ? readFileSync(`${groundTruth}/${name}`) : Buffer.alloc(0);
    };
    const report = () =>
      importReported({
        lspci: file('lspci-nnvvv-xxxx.txt').toString('latin1'),
        dmar: file('DMAR.bin'),
        mcfg: file('MCFG.bin'),
        iomem: file('iomem.txt').toString('latin1'),
      });

    it('is what a real kernel reported', () => {
      const differences = compareMachines(machine, report());
      expect(disagreements(differences)).toEqual([]);
    });

    it('can be adopted, and is then equal to the last byte', () => {
      const adopted = adoptReported(machine, report());
      const differences = compareMachines(adopted, report());
      expect(differences.filter(({ at }) => !at.endsWith('size'))).toEqual([]);
      expect(adopted.functions.map((one) => one.endpoint)).toEqual(
        machine.functions.map((one) => one.endpoint),
      );
    });
  },
);
