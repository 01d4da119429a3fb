import { MemoryMap, type MemoryOwner } from '@quiesce/simulation';
import type { MachineRegion } from '../description/machine.ts';
import { hex, type InferenceList } from './inference-list.ts';
import type { IomemRegion } from './iomem.ts';

const MIB = 0x10_0000;
const GIB = 0x4000_0000;
const FOUR_GIB = 4 * GIB;
const LOW_640K = 0xa_0000;
const CRASH_BYTES = 256 * MIB;

/** Memory that firmware's devices go on using. `end` is exclusive. */
export interface ReservedRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The memory map of a captured machine, from /proc/iomem if it is at hand.
 * @param crashBytes reserved for the crash kernel, where a source says so without saying where
 */
export function memoryMapOf(
  iomem: readonly IomemRegion[],
  reserved: readonly ReservedRange[],
  lowestMmio: number,
  inferred: InferenceList,
  crashBytes?: number,
): MachineRegion[] {
  const painter = new Painter();
  if (iomem.length > 0) paintIomem(painter, iomem);
  else paintInferred(painter, lowestMmio, inferred);
  for (const { start, end } of reserved) painter.paint(start, end, 'firmware', 'RMRR');
  if (!painter.regions.some((one) => one.owner === 'crash-kernel')) {
    const unsaid = crashBytes === undefined && iomem.length === 0;
    paintCrashKernel(painter, crashBytes ?? 0, unsaid, inferred);
  }
  if (!painter.regions.some((one) => one.owner === 'dump-relevant')) paintKernel(painter, inferred);
  painter.paint(0xfee0_0000, 0xfef0_0000, 'interrupt-window', 'Local APIC');
  return painter.regions;
}

class Painter {
  readonly #map = new MemoryMap();

  /** Later paint covers earlier. */
  paint(start: number, end: number, owner: MemoryOwner, label: string): void {
    if (end > start) this.#map.assign({ start, end, owner, label });
  }

  get regions(): MachineRegion[] {
    return this.#map.regions.map((one) => ({ ...one, label: one.label ?? one.owner }));
  }

  largest(owner: MemoryOwner, below: number): MachineRegion | undefined {
    const candidates = this.regions.filter((one) => one.owner === owner && one.end <= below);
    return candidates.sort((a, b) => b.end - b.start - (a.end - a.start))[0];
  }
}

function paintIomem(painter: Painter, iomem: readonly IomemRegion[]): void {
  const mmioStart = Math.min(
    FOUR_GIB,
    ...iomem.filter((one) => one.start >= MIB && one.label.startsWith('PCI Bus')).map((one) => one.start),
  );
  const ramEnd = Math.max(0, ...iomem.filter((one) => one.label === 'System RAM').map((one) => one.end));
  for (const region of iomem) {
    const { start, end, label } = region;
    if (label === 'System RAM') paintRam(painter, region);
    else if (start < MIB) paintLow(painter, region);
    else if (isFirmware(label) && !isAboveRam(start, mmioStart, ramEnd)) {
      painter.paint(start, end, 'firmware', label);
    } else painter.paint(start, end, 'mmio', label);
  }
}

/** Behind the first PCI window, or above 4 GiB the last RAM, what firmware calls reserved is registers and flash. */
function isAboveRam(start: number, mmioStart: number, ramEnd: number): boolean {
  return start < FOUR_GIB ? start >= mmioStart : start >= ramEnd;
}

function isFirmware(label: string): boolean {
  return /^(Reserved|reserved|ACPI|Unusable|Unknown E820|Soft Reserved)/.test(label);
}

function paintRam(painter: Painter, region: IomemRegion): void {
  const { start, end } = region;
  painter.paint(start, Math.min(end, LOW_640K), 'low-640k', region.label);
  painter.paint(Math.max(start, LOW_640K), Math.min(end, MIB), 'low-1m', region.label);
  painter.paint(Math.max(start, MIB), end, 'first-kernel', region.label);
  for (const child of region.children) {
    if (child.label.startsWith('Kernel '))
      painter.paint(child.start, child.end, 'dump-relevant', child.label);
    else if (child.label === 'Crash kernel')
      painter.paint(child.start, child.end, 'crash-kernel', child.label);
    else if (isFirmware(child.label)) painter.paint(child.start, child.end, 'firmware', child.label);
  }
}

function paintLow(painter: Painter, region: IomemRegion): void {
  const { start, end, label } = region;
  if (label.startsWith('PCI Bus')) {
    painter.paint(start, Math.min(end, MIB), 'mmio', label);
    return;
  }
  painter.paint(start, Math.min(end, LOW_640K), 'low-640k', label);
  painter.paint(Math.max(start, LOW_640K), Math.min(end, MIB), 'low-1m', label);
  painter.paint(Math.max(start, MIB), end, isFirmware(label) ? 'firmware' : 'mmio', label);
  for (const child of region.children) if (child.label.startsWith('PCI Bus')) paintLow(painter, child);
}

function paintInferred(painter: Painter, lowestMmio: number, inferred: InferenceList): void {
  const ramEnd = Math.min(GIB, Math.max(256 * MIB, Math.floor(lowestMmio / MIB) * MIB));
  painter.paint(0, 0x9_f000, 'low-640k', 'System RAM');
  painter.paint(0x9_f000, LOW_640K, 'firmware', 'Reserved');
  painter.paint(LOW_640K, 0xc_0000, 'mmio', 'PCI Bus 0000:00');
  painter.paint(0xc_0000, MIB, 'low-1m', 'Reserved');
  painter.paint(MIB, ramEnd, 'first-kernel', 'System RAM');
  painter.paint(ramEnd, FOUR_GIB, 'mmio', 'PCI Bus 0000:00');
  inferred.add('/memoryMap', `${ramEnd / MIB} MiB of RAM`, 'no /proc/iomem: a small map below the registers');
}

/** The upper end of the largest piece of RAM below 4 GiB, as Linux places it. */
function paintCrashKernel(painter: Painter, known: number, unsaid: boolean, inferred: InferenceList): void {
  const ram = painter.largest('first-kernel', FOUR_GIB);
  if (ram === undefined) return;
  const room = Math.floor((ram.end - ram.start) / 2 / MIB) * MIB;
  const size = Math.min(known > 0 ? known : CRASH_BYTES, room);
  const start = Math.floor((ram.end - size) / (16 * MIB)) * 16 * MIB;
  if (size === 0 || start < ram.start) return;
  painter.paint(start, start + size, 'crash-kernel', 'Crash kernel');
  const assumed = `${unsaid ? 'nothing says whether the first kernel had one' : 'the first kernel had none'} reserved: 256 MiB are assumed`;
  const reason = known > 0 ? `${known / MIB} MiB are reserved, nothing says where` : assumed;
  inferred.add('/memoryMap', `crash kernel at ${hex(start)}`, reason);
}

function paintKernel(painter: Painter, inferred: InferenceList): void {
  const ram = painter.regions.find((one) => one.owner === 'first-kernel' && one.end - one.start >= 64 * MIB);
  if (ram === undefined) return;
  const start = Math.max(ram.start, 16 * MIB);
  painter.paint(start, Math.min(start + 48 * MIB, ram.end), 'dump-relevant', 'Kernel code');
  inferred.add('/memoryMap', `kernel at ${hex(start)}`, 'the map does not say where the first kernel is');
}
