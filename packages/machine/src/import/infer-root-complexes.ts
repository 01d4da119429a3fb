import type { RootComplexDescription } from '@quiesce/pcie-model';
import type { PlacedConfig } from '../description/captured-topology.ts';
import { ConfigReader } from '../description/config-reader.ts';
import type { AcpiDump } from './acpi-dump.ts';
import type { LoggedHostBridge } from './boot-record.ts';
import { hex, type InferenceList } from './inference-list.ts';
import { eachRegion, type IomemRegion } from './iomem.ts';

interface EcamRange {
  readonly segment: number;
  /** Of bus 0 of the segment, also where the range begins at a later bus. */
  readonly base: number;
  readonly firstBus: number;
  readonly lastBus: number;
}

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

const PER_BUS = 0x10_0000;

function isEcamBase(base: number): boolean {
  return base > 0 && base <= 2 ** 52 - 256 * PER_BUS && base % PER_BUS === 0;
}

/** MCFG: 8 reserved bytes behind the header, then 16 bytes per range (PCI Firmware 3.2, 4.1.2). */
function ecamFromMcfg(acpi: AcpiDump | undefined): EcamRange[] {
  const bytes = acpi?.tables.find((one) => one.signature === 'MCFG')?.bytes;
  if (bytes === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ranges: EcamRange[] = [];
  for (let at = 44; at + 16 <= bytes.length; at += 16) {
    const base = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    if (!isEcamBase(base)) continue;
    const [firstBus, lastBus] = [view.getUint8(at + 10), view.getUint8(at + 11)];
    ranges.push({ segment: view.getUint16(at + 8, true), base, firstBus, lastBus });
  }
  return ranges;
}

const ecamLabel = /^PCI (?:MMCONFIG|ECAM) ([0-9a-f]{4}) \[bus ([0-9a-f]{2})-([0-9a-f]{2})\]$/;

function ecamFromIomem(regions: readonly IomemRegion[]): EcamRange[] {
  const ranges: EcamRange[] = [];
  eachRegion(regions, ({ label, start }) => {
    const match = ecamLabel.exec(label);
    if (match === null) return;
    const [segment, firstBus, lastBus] = match.slice(1).map((text) => Number.parseInt(text, 16)) as [
      number,
      number,
      number,
    ];
    const base = start - firstBus * PER_BUS;
    if (isEcamBase(base)) ranges.push({ segment, base, firstBus, lastBus });
  });
  return ranges;
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
