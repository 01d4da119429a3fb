import { assert } from '@quiesce/simulation';
import type { CapabilityPlan } from './capability-plan.ts';
import { ConfigBytes } from './config-bytes.ts';
import type { BarPlan, FunctionPlan, WindowPlan } from './function-plan.ts';

/** What a plan does not say itself, because it depends on the rest of the machine. */
export interface Placement {
  /** Address of each BAR; entries of absent BARs are ignored. */
  readonly barAddresses: readonly number[];
  readonly primary: number;
  readonly secondary: number;
  readonly subordinate: number;
  readonly io: WindowPlan | null;
  readonly memory: WindowPlan | null;
  readonly prefetchable: WindowPlan | null;
}

/** The bytes of a function's config space (PCI 3.0, 6.1; PCI-to-PCI Bridge 1.2, 3.2; PCIe 7.5.1). */
export function configSpaceOf(plan: FunctionPlan, placement: Placement): Uint8Array {
  const capabilities = plan.capabilities ?? [];
  const isExpress = capabilities.some((one) => one.id === 0x10 && !one.extended);
  const config = new ConfigBytes(plan.configSize ?? (isExpress ? 4096 : 256));
  config.put16(0x00, plan.vendorId);
  config.put16(0x02, plan.deviceId);
  config.put16(0x04, plan.command ?? 0x0107);
  config.put8(0x08, plan.revision ?? 0);
  config.put8(0x09, plan.classCode & 0xff);
  config.put16(0x0a, plan.classCode >>> 8);
  config.put8(0x0c, plan.cacheLineSize ?? 0);
  config.put8(0x0e, (plan.bridge === undefined ? 0 : 1) | (plan.multifunction === true ? 0x80 : 0));
  config.put8(0x3d, plan.interruptPin ?? (plan.bridge === undefined ? 1 : 0));
  putBars(config, plan, placement.barAddresses);
  if (plan.bridge === undefined) putSubsystem(config, plan);
  else putBridge(config, placement, plan.bridge.control ?? 0x0002);
  for (const [offset, value] of Object.entries(plan.extraBytes ?? {})) config.put8(Number(offset), value);
  putCapabilities(config, capabilities);
  if (plan.rom !== undefined) config.put32(plan.bridge === undefined ? 0x30 : 0x38, plan.rom.address ?? 0);
  for (const [offset, value] of Object.entries(plan.dwords ?? {})) config.put32(Number(offset), value);
  return config.bytes;
}

function putSubsystem(config: ConfigBytes, plan: FunctionPlan): void {
  if (plan.subsystem === undefined) return;
  config.put16(0x2c, plan.subsystem.vendor);
  config.put16(0x2e, plan.subsystem.id);
}

function putBars(config: ConfigBytes, plan: FunctionPlan, addresses: readonly number[]): void {
  for (const [index, bar] of (plan.bars ?? []).entries()) {
    if (bar === undefined) continue;
    const address = addresses[index] ?? 0;
    const offset = 0x10 + 4 * index;
    config.put32(offset, (address % 0x1_0000_0000) + barTypeBits(bar));
    if (bar.kind === 'memory64') config.put32(offset + 4, Math.floor(address / 0x1_0000_0000));
  }
}

function barTypeBits(bar: BarPlan): number {
  if (bar.kind === 'io') return 1;
  return (bar.kind === 'memory64' ? 4 : 0) + (bar.prefetchable === true ? 8 : 0);
}

function putBridge(config: ConfigBytes, placement: Placement, control: number): void {
  config.put8(0x18, placement.primary);
  config.put8(0x19, placement.secondary);
  config.put8(0x1a, placement.subordinate);
  // A base above its limit is a closed window.
  const { io, memory, prefetchable } = placement;
  config.put8(0x1c, io === null ? 0xf0 : (io.base >> 8) & 0xf0);
  config.put8(0x1d, io === null ? 0x00 : (io.limit >> 8) & 0xf0);
  config.put16(0x20, memory === null ? 0xfff0 : (memory.base >>> 16) & 0xfff0);
  config.put16(0x22, memory === null ? 0x0000 : (memory.limit >>> 16) & 0xfff0);
  config.put16(0x24, 1 + (prefetchable === null ? 0xfff0 : (prefetchable.base >>> 16) & 0xfff0));
  config.put16(0x26, 1 + (prefetchable === null ? 0x0000 : (prefetchable.limit >>> 16) & 0xfff0));
  config.put32(0x28, prefetchable === null ? 0 : Math.floor(prefetchable.base / 0x1_0000_0000));
  config.put32(0x2c, prefetchable === null ? 0 : Math.floor(prefetchable.limit / 0x1_0000_0000));
  config.put16(0x3e, control);
}

/** Writes the capabilities in the order of the plan and links them. */
function putCapabilities(config: ConfigBytes, capabilities: readonly CapabilityPlan[]): void {
  let free = 0x40;
  let link = 0x34;
  let extendedFree = 0x100;
  let previous: { offset: number; header: number } | undefined;
  for (const one of capabilities) {
    if (one.extended) {
      const offset = one.offset ?? extendedFree;
      assert(previous !== undefined || offset === 0x100, 'the first extended capability stands at 0x100');
      config.bytes.set(one.bytes, offset);
      if (previous !== undefined) config.put32(previous.offset, previous.header + offset * 0x10_0000);
      previous = { offset, header: one.id + one.version * 0x1_0000 };
      config.put32(offset, previous.header);
      extendedFree = Math.max(extendedFree, align(offset + one.bytes.length, 4));
    } else {
      const offset = one.offset ?? free;
      assert(offset + one.bytes.length <= 0x100, `capability 0x${one.id.toString(16)} does not fit`);
      config.bytes.set(one.bytes, offset);
      config.put8(link, offset);
      config.put8(offset, one.id);
      config.put8(offset + 1, 0);
      config.put16(0x06, config.get16(0x06) | 0x10);
      link = offset + 1;
      free = Math.max(free, align(offset + one.bytes.length, 4));
    }
  }
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
