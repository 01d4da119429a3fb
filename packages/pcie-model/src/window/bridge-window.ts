import type { Address } from '@quiesce/simulation';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { isVgaMemory, isVgaPort } from './legacy-vga.ts';

const MEBI = 0x10_0000;
const HIGH = 0x1_0000_0000;
const BRIDGE_CONTROL = 0x3e;

/** Whether the bridge passes a memory request from above on to its secondary side, as it is programmed now. */
export function forwardsMemory(bridge: PcieFunction, address: Address): boolean {
  const file = bridge.config.file;
  if ((file.peek8(0x04) & 2) === 0) return false;
  const base = (file.peek16(0x20) >>> 4) * MEBI;
  const limit = (file.peek16(0x22) >>> 4) * MEBI + MEBI;
  if (address >= base && address < limit) return true;
  if (forwardsPrefetchable(bridge, address)) return true;
  return (file.peek8(BRIDGE_CONTROL) & 8) !== 0 && isVgaMemory(address);
}

function forwardsPrefetchable(bridge: PcieFunction, address: Address): boolean {
  const file = bridge.config.file;
  const low = file.peek16(0x24);
  const high = file.peek16(0x26);
  // A window of all zeros is one that is not implemented.
  const wide = (low & 0xf) === 1;
  if (low === 0 && high === 0) return false;
  const base = (low >>> 4) * MEBI + (wide ? file.peek32(0x28) * HIGH : 0);
  const limit = (high >>> 4) * MEBI + MEBI + (wide ? file.peek32(0x2c) * HIGH : 0);
  return address >= base && address < limit;
}

/** Whether the bridge passes on an I/O request, VGA and ISA rules included. */
export function forwardsIo(bridge: PcieFunction, port: number): boolean {
  const file = bridge.config.file;
  if ((file.peek8(0x04) & 1) === 0) return false;
  const control = file.peek8(BRIDGE_CONTROL);
  if ((control & 8) !== 0 && isVgaPort(port, (control & 0x10) !== 0)) return true;
  const low = file.peek8(0x1c);
  const high = file.peek8(0x1d);
  if (low === 0 && high === 0) return false;
  const wide = (low & 0xf) === 1;
  const base = (low >>> 4) * 0x1000 + (wide ? file.peek16(0x30) * 0x1_0000 : 0);
  const limit = (high >>> 4) * 0x1000 + 0xfff + (wide ? file.peek16(0x32) * 0x1_0000 : 0);
  if (port < base || port > limit) return false;
  // ISA Enable: the last 768 bytes of each KiB stay above (PCI-to-PCI Bridge Architecture 3.2.5.18).
  return (control & 4) === 0 || port >= 0x1_0000 || (port & 0x300) === 0;
}
