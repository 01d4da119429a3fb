import { expect, it } from 'vitest';
import { ConfigReader } from '../description/config-reader.ts';
import { knownAs, whyKnown } from './device-roles.ts';
import { dmaAliasesOf, isExpressBridgeWithoutCapability } from './dma-aliases.ts';
import { messagePassingController } from './storage-controllers.ts';

function config(vendor: number, device: number, classCode = 0, subsystem = 0): ConfigReader {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, vendor, true);
  view.setUint16(2, device, true);
  view.setUint32(8, (classCode << 8) >>> 0, true);
  view.setUint16(0x2e, subsystem, true);
  return new ConfigReader(bytes);
}

const at = (device: number, fn: number) => ({ segment: 0, bus: 3, device, fn });

it('knows functions by their IDs and by their class', () => {
  expect(knownAs('volumeManagement', config(0x8086, 0xb06f))).toBe('Volume Management Device');
  expect(knownAs('volumeManagement', config(0x8086, 0x09ab))).toBeUndefined();
  expect(knownAs('boardManagement', config(0x1234, 0x5678, 0x0c_07_01))).toBe('IPMI');
  expect(whyKnown('volumeManagement')).toContain('requester ID');
});

it('knows which functions send under the number of another', () => {
  const [alias] = dmaAliasesOf(at(0, 0), config(0x1b4b, 0x9230));
  expect(alias).toEqual({
    requesterId: 0x301,
    family: 'Marvell 88SE91xx and 88SE92xx SATA controllers',
  });
  expect(dmaAliasesOf(at(0, 1), config(0x1b4b, 0x9230))).toEqual([]);
  expect(dmaAliasesOf(at(0, 1), config(0x1180, 0xe832))[0]?.requesterId).toBe(0x300);
  expect(dmaAliasesOf(at(0, 0), config(0x9005, 0x0285, 0, 0x02bb))[0]?.requesterId).toBe(0x308);
  expect(dmaAliasesOf(at(0, 0), config(0x9005, 0x0285, 0, 0x0001))).toEqual([]);
  expect(dmaAliasesOf(at(0, 0), config(0x8086, 0x2260))).toHaveLength(3);
});

it('knows bridges to conventional PCI that do not say so', () => {
  expect(isExpressBridgeWithoutCapability(config(0x1283, 0x8892))).toBe(true);
  expect(isExpressBridgeWithoutCapability(config(0x8086, 0x10d3))).toBe(false);
});

it('knows controllers that speak by messages, and says where it takes others for one', () => {
  const controller = (vendor: number, device: number, subClass = 0x0107) =>
    messagePassingController(config(vendor, device, subClass << 8));
  expect(controller(0x1000, 0x0072)).toEqual({ name: 'Fusion-MPT SAS-2', version: '2.0' });
  expect(controller(0x1000, 0x0097)).toEqual({ name: 'Fusion-MPT SAS-3', version: '2.5' });
  expect(controller(0x1000, 0x005f, 0x0104)?.assumed).toContain('megaraid_sas');
  expect(controller(0x1000, 0x005f, 0x0180)?.name).toBe('MegaRAID SAS Fusion');
  expect(controller(0x1000, 0x0079, 0x0104)?.name).toBe('MegaRAID SAS (MFI)');
  expect(controller(0x1000, 0x0030, 0x0100)?.name).toBe('Fusion-MPT (MPI 1)');
  expect(controller(0x1000, 0x1234)?.assumed).toContain('in no list');
  // Of another class, and of vendors with interfaces of their own (hpsa, smartpqi, aacraid).
  expect(controller(0x1000, 0x0072, 0x0200)).toBeUndefined();
  expect(controller(0x1000, 0x1234, 0x0100)).toBeUndefined();
  expect(controller(0x103c, 0x323b, 0x0104)).toBeUndefined();
  expect(controller(0x9005, 0x028f, 0x0107)).toBeUndefined();
  expect(controller(0x9005, 0x028b, 0x0104)).toBeUndefined();
});
