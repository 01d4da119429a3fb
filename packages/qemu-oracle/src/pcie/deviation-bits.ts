import { CapabilityId, ExtendedCapabilityId, type PcieFunction } from '@quiesce/pcie-model';
import type { BitDeviation, Block } from './bit-deviations.ts';

/** Bytes of a capability as QEMU claims them; 0 for one that is not known here. */
function capabilityLength(fn: PcieFunction, id: number, extended: boolean, offset: number): number {
  const { file } = fn.config;
  if (extended) {
    if (id === ExtendedCapabilityId.advancedErrorReporting) return 0x48;
    if (id === ExtendedCapabilityId.deviceSerialNumber) return 12;
    return 8;
  }
  if (id === CapabilityId.express) return (file.peek8(offset + 2) & 0xf) === 1 ? 0x14 : 0x3c;
  if (id === CapabilityId.msix) return 12;
  if (id === CapabilityId.msi) {
    const control = file.peek16(offset + 2);
    return ((control & 0x80) !== 0 ? 0xe : 0xa) + ((control & 0x100) !== 0 ? 10 : 0);
  }
  return 8;
}

const HEADER_BYTES = 0x40;

/** Bits of `deviation` in the config space of `fn`, by byte; undefined if it has none of them. */
export function bitsOf(deviation: BitDeviation, fn: PcieFunction): Uint8Array | undefined {
  if (deviation.kinds !== undefined && !deviation.kinds.includes(fn.kind)) return undefined;
  const bits = new Uint8Array(fn.config.size);
  if (deviation.block === 'undeclared') {
    bits.fill(0xff, HEADER_BYTES);
    for (const { id, extended, offset } of fn.config.capabilities) {
      bits.fill(0, offset, offset + capabilityLength(fn, id, extended, offset));
    }
    return bits;
  }
  const base = blockOffset(deviation.block, fn);
  if (base === undefined || base + deviation.offset + 4 > bits.length) return undefined;
  new DataView(bits.buffer).setUint32(base + deviation.offset, deviation.bits >>> 0, true);
  return bits;
}

function blockOffset(block: Exclude<Block, 'undeclared'>, fn: PcieFunction): number | undefined {
  const { config } = fn;
  if (block === 'header') return 0;
  const found = {
    'power-management': config.powerManagement,
    msi: config.msi,
    express: config.express,
    aer: config.aer,
    'hot-plug': config.findCapability(0x0c),
  }[block];
  return found === 0 ? undefined : found;
}
