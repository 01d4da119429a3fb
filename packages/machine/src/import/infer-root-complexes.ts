import type { RootComplexDescription } from '@quiesce/pcie-model';
import type { PlacedConfig } from '../description/captured-topology.ts';
import { ConfigReader } from '../description/config-reader.ts';
import type { AcpiDump } from './acpi-dump.ts';
import type { LoggedHostBridge } from './boot-record.ts';
import { ecamFromIomem, ecamFromMcfg } from './ecam-ranges.ts';
import { hex, type InferenceList } from './inference-list.ts';
import type { IomemRegion } from './iomem.ts';

/** Where the ECAM of most machines stands that have it below 4 GiB. */
const usualEcamBases: readonly number[] = [0xe000_0000, 0xf000_0000, 0xb000_0000, 0x8000_0000, 0xc000_0000];

/**
 * A bus that has functions but no bridge leading to it begins a root complex, which reaches to the next one.
 * The ECAM window is that of the MCFG table or of /proc/iomem, or else a usual one, which is listed.
 */
export function rootComplexesOf(
  functions: readonly PlacedConfig[],
  acpi: AcpiDump | undefined,
  regions: readonly IomemRegion[],
  inferred: InferenceList,
  hostBridges: readonly LoggedHostBridge[] = [],
): RootComplexDescription[] {
  const ranges = [...ecamFromMcfg(acpi), ...ecamFromIomem(regions)];
  const result: RootComplexDescription[] = [];
  for (const segment of new Set(functions.map((one) => one.segment))) {
    const here = functions.filter((one) => one.segment === segment);
    const roots = rootBuses(here);
    for (const [index, firstBus] of roots.entries()) {
      const before = (roots[index + 1] ?? 256) - 1;
      const logged = hostBridges.find((one) => one.segment === segment && one.firstBus === firstBus)?.lastBus;
      const lastBus = logged === undefined || logged < firstBus ? before : Math.min(logged, before);
      const path = `/rootComplexes/${result.length}`;
      if (lastBus !== logged)
        inferred.add(path, `buses ${hex(firstBus)}..${hex(lastBus)}`, 'no bridge leads to its first bus');
      const range = ranges.find(
        (one) => one.segment === segment && one.firstBus <= firstBus && firstBus <= one.lastBus,
      );
      const ecamBase = range?.base ?? inferEcam(here, segment, `${path}/ecamBase`, inferred);
      result.push({ segment, firstBus, lastBus, ...(ecamBase === undefined ? {} : { ecamBase }) });
    }
  }
  return result;
}

function rootBuses(functions: readonly PlacedConfig[]): number[] {
  const below = new Set<number>();
  for (const one of functions) {
    const config = new ConfigReader(one.bytes);
    if (!config.isBridge) continue;
    const first = Math.max(config.u8(0x19), one.bus + 1);
    for (let bus = first; bus <= config.u8(0x1a); bus++) below.add(bus);
  }
  const buses = new Set(functions.map((one) => one.bus));
  return [...buses].filter((bus) => !below.has(bus)).sort((a, b) => a - b);
}

function inferEcam(
  functions: readonly PlacedConfig[],
  segment: number,
  path: string,
  inferred: InferenceList,
): number | undefined {
  // Software-made domains have no ECAM of their own; further host segments say theirs in MCFG only.
  if (segment !== 0 || !functions.some((one) => one.bytes.length === 4096)) return undefined;
  const used = new Set<number>();
  for (const one of functions) {
    const config = new ConfigReader(one.bytes);
    for (let offset = 0x10; offset < 0x28; offset += 4) used.add(config.u32(offset) >>> 28);
    if (config.isBridge) {
      const [base, limit] = [config.u16(0x20) >> 12, config.u16(0x22) >> 12];
      for (let nibble = base; nibble <= limit; nibble++) used.add(nibble);
    }
  }
  const base = usualEcamBases.find((one) => !used.has(one >>> 28));
  if (base === undefined) return undefined;
  inferred.add(
    path,
    hex(base),
    'no MCFG table and no /proc/iomem says where it is; nothing else stands there',
  );
  return base;
}
