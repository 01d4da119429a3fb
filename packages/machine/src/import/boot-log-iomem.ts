import type { LoggedBoot } from './boot-record.ts';
import type { Iomem, IomemRegion } from './iomem.ts';

/** Words of the firmware's map, and what the kernel calls them in /proc/iomem. */
const labels: readonly (readonly [RegExp, string])[] = [
  [/^(?:usable|System RAM|RAM)$/i, 'System RAM'],
  [/^ACPI data/i, 'ACPI Tables'],
  [/^ACPI NVS/i, 'ACPI Non-volatile Storage'],
  [/^unusable/i, 'Unusable memory'],
  [/^persistent/i, 'Persistent Memory'],
  [/^soft reserved/i, 'Soft Reserved'],
];

const segmentName = (segment: number): string => segment.toString(16).padStart(4, '0');
const busName = (bus: number): string => bus.toString(16).padStart(2, '0');

/**
 * What `/proc/iomem` would show of a machine as far as the kernel's boot says it: the firmware's map, windows of host bridges, ECAM
 * and what is reserved for a crash kernel. Undefined if the log does not hold the map, or only what a crash kernel was left of it.
 */
export function iomemOfBoot(boot: LoggedBoot): Iomem | undefined {
  if (boot.e820.length === 0 || boot.crashKernel) return undefined;
  const regions: IomemRegion[] = [];
  for (const { segment, firstBus, windows } of boot.hostBridges) {
    const label = `PCI Bus ${segmentName(segment)}:${busName(firstBus)}`;
    for (const { base, limit, line } of windows) regions.push(region(base, limit, label, line));
  }
  const crash = boot.crashReservations.map(({ base, limit, line }) =>
    region(base, limit, 'Crash kernel', line),
  );
  for (const { base, limit, kind, line } of boot.e820) {
    const label = labels.find(([pattern]) => pattern.test(kind))?.[1] ?? 'Reserved';
    const inside = crash.filter((one) => one.start >= base && one.end <= limit + 1);
    regions.push({ ...region(base, limit, label, line), children: label === 'System RAM' ? inside : [] });
  }
  for (const { segment, firstBus, lastBus, base, line } of boot.ecam) {
    const label = `PCI ECAM ${segmentName(segment)} [bus ${busName(firstBus)}-${busName(lastBus)}]`;
    const start = base + firstBus * 0x10_0000;
    regions.push(region(start, base + (lastBus + 1) * 0x10_0000 - 1, label, line));
  }
  regions.sort((a, b) => a.start - b.start);
  return { regions, readable: true, notes: [] };
}

function region(base: number, limit: number, label: string, line: number): IomemRegion {
  return { start: base, end: limit + 1, label, line, children: [] };
}
