import type { Difference } from './difference.ts';

const KERNEL_IO = 'kernels open or close the I/O window of a hot-plug port as they see fit';
const ROM_MOVED = 'the address of a ROM that is switched off counts for nobody';

/** Bus numbers, BARs, windows, ROM: what {@link compareAddresses} compares. Secondary Status is not among them. */
export function isAddressByte(config: Uint8Array, at: number): boolean {
  if (at < 0x10 || at >= 0x40) return false;
  if (!isBridge(config)) return at < 0x28 || (at >= 0x30 && at < 0x34);
  return at < 0x1b || at === 0x1c || at === 0x1d || (at >= 0x20 && at < 0x34) || (at >= 0x38 && at < 0x3c);
}

/**
 * Differences of what firmware and kernels place. A window whose base lies above its limit is closed, however that is
 * written.
 */
export function compareAddresses(name: string, ours: Uint8Array, theirs: Uint8Array): Difference[] {
  const found: Difference[] = [];
  const compare = (what: string, of: (view: DataView) => string, reason?: string): void => {
    const [expected, reported] = [of(viewOf(ours)), of(viewOf(theirs))];
    if (expected === reported) return;
    found.push({ at: `${name} ${what}`, expected, reported, ...(reason === undefined ? {} : { reason }) });
  };
  const bars = isBridge(ours) ? 2 : 6;
  for (let bar = 0; bar < bars; bar++)
    compare(`BAR ${bar}`, (view) => hex(view.getUint32(0x10 + 4 * bar, true)));
  if (!isBridge(ours)) {
    compare('expansion ROM', (view) => hex(view.getUint32(0x30, true)), ROM_MOVED);
    return found;
  }
  for (const [offset, what] of [
    [0x18, 'primary bus'],
    [0x19, 'secondary bus'],
    [0x1a, 'subordinate bus'],
  ] as const) {
    compare(what, (view) => hex(view.getUint8(offset)));
  }
  compare('I/O window', ioWindow, KERNEL_IO);
  compare('memory window', (view) => memoryWindow(view, 0x20, 0));
  compare('prefetchable window', (view) => memoryWindow(view, 0x24, 0x28));
  return found;
}

/** I/O Base and Limit, 16 bits of address (PCI-to-PCI Bridge 1.2, 3.2.5.6). */
function ioWindow(view: DataView): string {
  const base = (view.getUint8(0x1c) & 0xf0) * 0x100;
  const limit = (view.getUint8(0x1d) & 0xf0) * 0x100 + 0xfff;
  return window(base, limit);
}

function memoryWindow(view: DataView, at: number, upperAt: number): string {
  const upper = (offset: number): number =>
    upperAt === 0 ? 0 : view.getUint32(upperAt + offset, true) * 2 ** 32;
  const base = upper(0) + (view.getUint16(at, true) & 0xfff0) * 0x1_0000;
  const limit = upper(4) + (view.getUint16(at + 2, true) & 0xfff0) * 0x1_0000 + 0xf_ffff;
  return window(base, limit);
}

function window(base: number, limit: number): string {
  return base > limit ? 'closed' : `${hex(base)}..${hex(limit)}`;
}

function isBridge(config: Uint8Array): boolean {
  return ((config[0x0e] as number) & 0x7f) === 1;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
