import { hexToBytes, type Machine } from '@quiesce/machine';
import type { QtestClient } from '@quiesce/qemu-control';
import { describe, expect, it } from 'vitest';
import { labTopology } from '../topologies/lab-topologies.ts';
import { checkReported } from './check-reported.ts';
import { lspciText } from './lspci-text.ts';

const machine = labTopology('q35-ports');

/** Answers as the unit of `machine`. */
const qtest = {
  read32: async (address: number): Promise<number> => {
    const [unit] = machine.units;
    const digits = `${unit?.extendedCapability}${unit?.capability}${'00000010'.padStart(16, '0')}`;
    const dword = (address - 0xfed9_0000) / 4;
    return Number.parseInt(digits.slice(digits.length - 8 * (dword + 1), digits.length - 8 * dword), 16);
  },
} as unknown as QtestClient;

function filesOf(reported: Machine): Map<string, Buffer> {
  const functions = reported.functions.map(({ name, config }) => ({
    bus: Number.parseInt(name.slice(5, 7), 16),
    device: Number.parseInt(name.slice(8, 10), 16),
    fn: Number(name.slice(11)),
    config: hexToBytes(config) as Uint8Array,
  }));
  const sizes = reported.functions.map(({ barSizes }) => barSizes);
  return new Map([
    ['lspci', Buffer.from(lspciText(functions, sizes))],
    ['dmar', Buffer.from(reported.dmar as string, 'hex')],
    [
      'iomem',
      Buffer.from('b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]\n00100000-3ffdffff : System RAM\n'),
    ],
  ]);
}

describe('checkReported', () => {
  it('passes over the machine that was asked for', async () => {
    const memoryMap = machine.memoryMap.filter((one) => one.start >= 0x10_0000);
    await checkReported({ ...machine, memoryMap }, filesOf(machine), qtest);
  });

  it('says what is different', async () => {
    const functions = machine.functions.filter(({ name }) => name !== '0000:06:00.0');
    await expect(checkReported(machine, filesOf({ ...machine, functions }), qtest)).rejects.toMatchObject({
      code: 'LAB_MACHINE_DIFFERS',
      message: expect.stringContaining('0000:06:00.0: 8086:2668, the guest says no function'),
    });
  });
});
