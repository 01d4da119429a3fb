import { hex } from '../log/fill-message.ts';
import { barAddress, writeBar } from './bar-sizing.ts';
import type { KernelBar, KernelPciDevice } from './kernel-pci-device.ts';
import { Command, PCI } from './registers.ts';

/** `start` .. `end - 1`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a bus may use: where new addresses come from, and which old ones may stay. */
export interface RootSpace {
  readonly windows: readonly Range[];
  claimable(range: Range): boolean;
}

/** Windows below 1 MiB cannot be described by a bridge. */
const BRIDGE_GRANULE = 0x10_0000;

/**
 * Keeps what firmware or the old kernel assigned where it fits, and gives new addresses to BARs and bridge windows
 * that have none, out of what is left of the bridge above (pcibios_assign_resources).
 */
export function assignResources(
  devices: readonly KernelPciDevice[],
  space: RootSpace,
  log: (line: string) => void,
  moved?: (bridge: KernelPciDevice, window: Range) => void,
): void {
  const roots = devices.filter((device) => device.upstream === undefined);
  assignChildren(roots, space, log, moved);
}

function assignChildren(
  devices: readonly KernelPciDevice[],
  space: RootSpace,
  log: (line: string) => void,
  moved: ((bridge: KernelPciDevice, window: Range) => void) | undefined,
): void {
  const taken: Range[] = [];
  const open: (Need & { device: KernelPciDevice; bar?: KernelBar })[] = [];
  const fresh = new Set<KernelPciDevice>();
  for (const device of devices) {
    for (const bar of [...device.bars, ...device.virtualBars]) {
      if (bar.kind !== 'memory') continue;
      const start = barAddress(device, bar);
      const range = { start, end: start + bar.size };
      if (start !== 0 && space.claimable(range) && !overlaps(range, taken)) taken.push(range);
      else open.push({ device, bar, size: bar.size, align: Math.max(bar.size, 4096) });
    }
    if (device.headerType === 1) {
      const kept = bridgeWindows(device).filter((window) => space.claimable(window));
      if (kept.length > 0) taken.push(...kept);
      else {
        fresh.add(device);
        const below = need(device);
        if (below.size > 0) open.push({ device, ...below });
      }
    }
  }
  open.sort(byAlignment);
  for (const item of open) {
    const windows = item.bar?.wide === true ? space.windows : space.windows.map(below4Gib);
    const start = firstFit(item.size, item.align, windows, taken);
    if (start === undefined) {
      // Linux leaves a stale address, but does not enable what has it; nobody decodes address 0.
      if (item.bar !== undefined) writeBar(item.device, item.bar, 0);
      else closeBridgeWindows(item.device);
      log(`${nameOf(item)}: no space for [mem size 0x${hex(item.size, 8)}${flagsOf(item.bar)}]`);
      continue;
    }
    const range = { start, end: start + item.size };
    taken.push(range);
    if (item.bar !== undefined) writeBar(item.device, item.bar, start);
    else {
      setBridgeWindow(item.device, range);
      moved?.(item.device, range);
    }
    log(`${nameOf(item)}: assigned [mem 0x${hex(start, 8)}-0x${hex(range.end - 1, 8)}${flagsOf(item.bar)}]`);
  }
  for (const device of devices) {
    if (device.headerType !== 1) continue;
    const inner = bridgeWindows(device);
    if (device.children.length > 0) {
      // Below a window that moved, nothing is where it was (pcibios_allocate_bus_resources claims top down).
      const claimable = (range: Range): boolean => !fresh.has(device) && within(range, inner);
      const below: RootSpace = { windows: inner, claimable };
      assignChildren(device.children, below, log, moved);
    }
    if (inner.length > 0 || device.children.length > 0) {
      device.writeConfig16(PCI.command, device.readConfig16(PCI.command) | Command.memory | Command.io);
    }
  }
}

/** Linux counts BARs of virtual functions from 7 on, and a bridge's memory window as BAR 14. */
function nameOf({ device, bar }: { device: KernelPciDevice; bar?: KernelBar }): string {
  const first = bar?.offset === undefined ? 0 : 7;
  return `pci ${device.name}: BAR ${bar === undefined ? 14 : first + bar.index}`;
}

function flagsOf(bar: KernelBar | undefined): string {
  return (bar?.wide === true ? ' 64bit' : '') + (bar?.prefetchable === true ? ' pref' : '');
}

/** Bytes, and what their address must be a multiple of. */
interface Need {
  readonly size: number;
  readonly align: number;
}

/** The widest first: then nothing is lost between them, if they begin aligned. */
function byAlignment(a: Need, b: Need): number {
  return b.align - a.align || b.size - a.size;
}

/** What everything below a bridge takes, laid out as {@link assignChildren} will, in whole granules (pbus_size_mem). */
function need(bridge: KernelPciDevice): Need {
  const items: Need[] = [];
  for (const child of bridge.children) {
    for (const bar of [...child.bars, ...child.virtualBars]) {
      if (bar.kind === 'memory') items.push({ size: bar.size, align: Math.max(bar.size, 4096) });
    }
    if (child.headerType === 1) items.push(need(child));
  }
  const taken: Range[] = [];
  let end = 0;
  let align = BRIDGE_GRANULE;
  for (const item of items.sort(byAlignment)) {
    if (item.size === 0) continue;
    const start = firstFit(item.size, item.align, [EVERYWHERE], taken) ?? end;
    taken.push({ start, end: start + item.size });
    end = Math.max(end, start + item.size);
    align = Math.max(align, item.align);
  }
  return { size: Math.ceil(end / BRIDGE_GRANULE) * BRIDGE_GRANULE, align };
}

const EVERYWHERE: Range = { start: 0, end: Number.MAX_SAFE_INTEGER };

/** What a register of 32 bits can say. */
function below4Gib({ start, end }: Range): Range {
  return { start, end: Math.min(end, 0x1_0000_0000) };
}

/** The memory and prefetchable windows of a bridge as programmed; closed ones are left out. */
export function bridgeWindows(bridge: KernelPciDevice): Range[] {
  const result: Range[] = [];
  const memory = bridge.readConfig32(PCI.memoryBase);
  const base = ((memory & 0xfff0) << 16) >>> 0;
  const limit = ((memory & 0xfff0_0000) >>> 0) + BRIDGE_GRANULE;
  if (base < limit && base !== 0) result.push({ start: base, end: limit });
  const prefetch = bridge.readConfig32(PCI.prefetchBase);
  const wide = (prefetch & 1) === 1;
  const upperBase = wide ? bridge.readConfig32(PCI.prefetchBaseUpper) : 0;
  const upperLimit = wide ? bridge.readConfig32(PCI.prefetchLimitUpper) : 0;
  const start = upperBase * 0x1_0000_0000 + (((prefetch & 0xfff0) << 16) >>> 0);
  const end = upperLimit * 0x1_0000_0000 + ((prefetch & 0xfff0_0000) >>> 0) + BRIDGE_GRANULE;
  if (start < end && start !== 0) result.push({ start, end });
  return result;
}

function setBridgeWindow(bridge: KernelPciDevice, range: Range): void {
  closeBridgeWindows(bridge);
  const base = (range.start >>> 16) & 0xfff0;
  const limit = ((range.end - 1) >>> 16) & 0xfff0;
  bridge.writeConfig32(PCI.memoryBase, ((limit << 16) | base) >>> 0);
}

/** Closed: a base above its limit. */
function closeBridgeWindows(bridge: KernelPciDevice): void {
  bridge.writeConfig32(PCI.memoryBase, 0x0000_fff0);
  bridge.writeConfig32(PCI.prefetchBase, 0x0000_fff0);
  bridge.writeConfig32(PCI.prefetchBaseUpper, 0);
  bridge.writeConfig32(PCI.prefetchLimitUpper, 0);
}

function within(range: Range, windows: readonly Range[]): boolean {
  return windows.some((window) => range.start >= window.start && range.end <= window.end);
}

function overlaps(range: Range, others: readonly Range[]): boolean {
  return others.some((other) => range.start < other.end && range.end > other.start);
}

function firstFit(
  size: number,
  align: number,
  windows: readonly Range[],
  taken: readonly Range[],
): number | undefined {
  for (const window of windows) {
    let start = Math.ceil(window.start / align) * align;
    while (start + size <= window.end) {
      const clash = taken.find((range) => start < range.end && start + size > range.start);
      if (clash === undefined) return start;
      start = Math.ceil(clash.end / align) * align;
    }
  }
  return undefined;
}
