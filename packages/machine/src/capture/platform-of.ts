import { ConfigReader } from '../description/config-reader.ts';
import type { LoggedBoot } from '../import/boot-record.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import { Trust, trustOf } from './byte-trust.ts';
import type { CapturedFile, UnreadFile } from './captured-file.ts';
import type { RemappingPlatform, Stated } from './host-facts.ts';
import type { PlacedTable } from './merge-tables.ts';
import type { FactText } from './section-reader.ts';

/** What can say which platform a machine is. */
export interface PlatformEvidence {
  readonly facts: readonly FactText[];
  readonly tables: readonly PlacedTable[];
  readonly functions: readonly ListedFunction[];
  readonly sysfsFiles: readonly CapturedFile[];
  readonly unread: readonly UnreadFile[];
  readonly boots: readonly LoggedBoot[];
  readonly kernelRelease: Stated<string> | undefined;
}

type Evidence = Stated<RemappingPlatform> | undefined;

/** ACPI tables that name remapping units. */
const byTable: Readonly<Record<string, RemappingPlatform>> = {
  DMAR: 'intel-vt-d',
  IVRS: 'amd-vi',
  IORT: 'smmu',
};
/** `/sys/class/iommu/<name>` */
const byClass: readonly (readonly [RegExp, RemappingPlatform])[] = [
  [/^dmar\d+$/, 'intel-vt-d'],
  [/^ivhd\d+$/, 'amd-vi'],
  [/^(?:smmu3?\.|arm-smmu)/, 'smmu'],
];

/**
 * What remaps DMA on the machine, by the most direct evidence: an ACPI table, units in `/sys`, the kernel's own lines, functions
 * that only one platform has; then that tables which would name units are missing.
 */
export function platformOf(evidence: PlatformEvidence): Stated<RemappingPlatform> {
  return (
    ofTables(evidence.tables) ??
    ofClass(evidence.sysfsFiles) ??
    evidence.boots.map(({ platform }) => platform).find((one) => one !== undefined) ??
    ofFunctions(evidence.functions) ??
    ofProcessors(evidence.facts) ??
    ofRelease(evidence.kernelRelease) ??
    ofAbsence(evidence) ?? { value: 'unknown', file: '' }
  );
}

function ofTables(tables: readonly PlacedTable[]): Evidence {
  for (const { table, file, line } of tables) {
    const value = byTable[table.signature];
    if (value !== undefined) return { value, file, ...(line === undefined ? {} : { line }) };
  }
  return undefined;
}

function ofClass(files: readonly CapturedFile[]): Evidence {
  for (const { path } of files) {
    const name = /(?:^|\/)sys\/class\/iommu\/([^/]+)/.exec(path)?.[1];
    const found = name === undefined ? undefined : byClass.find(([pattern]) => pattern.test(name));
    if (found !== undefined) return { value: found[1], file: path };
  }
  return undefined;
}

function ofFunctions(functions: readonly ListedFunction[]): Evidence {
  for (const one of functions) {
    const trust = trustOf(one);
    if ([0x00, 0x01, 0x0a, 0x0b].some((at) => (trust[at] ?? 0) < Trust.text)) continue;
    const config = new ConfigReader(one.bytes);
    const value = ofFunction(config.u16(0), config.u16(2), config.classCode >>> 8, one);
    if (value !== undefined) return { value, file: one.file, line: one.line };
  }
  return undefined;
}

/** Root ports and host bridges that IBM's POWER processors show: PHB and PHB2 to PHB5. */
const powerBridges: ReadonlySet<number> = new Set([0x03b9, 0x03dc, 0x04c1, 0x0652]);

function ofFunction(
  vendor: number,
  device: number,
  classCode: number,
  { bus, device: slot, fn }: ListedFunction,
): RemappingPlatform | undefined {
  if (vendor === 0x1014 && powerBridges.has(device)) return 'power';
  if (vendor !== 0x1022) return undefined;
  // System peripheral, IOMMU; or the host bridge at 00:00.0, whose maker's IOMMU it can only be.
  const isIommu = classCode === 0x0806;
  return isIommu || (classCode === 0x0600 && bus === 0 && slot === 0 && fn === 0) ? 'amd-vi' : undefined;
}

/** `platform : PowerNV` of /proc/cpuinfo. */
function ofProcessors(facts: readonly FactText[]): Evidence {
  for (const { path, text, file, line } of facts) {
    if (path !== 'proc/cpuinfo') continue;
    const lines = text.slice(0, 262_144).split('\n');
    const index = lines.findIndex((one) => /^platform\s*: (?:PowerNV|pSeries)/i.test(one));
    if (index >= 0) return { value: 'power', file, line: line + index };
  }
  return undefined;
}

function ofRelease(release: Stated<string> | undefined): Evidence {
  if (release === undefined || !/\.ppc64(?:le)?\b|-powerpc64/.test(release.value)) return undefined;
  return { ...release, value: 'power' };
}

/** Firmware's other tables are there, and none that names a unit. */
function ofAbsence({ tables, boots, unread }: PlatformEvidence): Evidence {
  const other = tables.find((one) => one.table.signature === 'FACP' || one.table.signature === 'DSDT');
  if (other !== undefined) {
    return { value: 'none', file: other.file, ...(other.line === undefined ? {} : { line: other.line }) };
  }
  const absent = unread.find(
    ({ path, reason }) => /acpi\/tables\/DMAR$/.test(path) && /no such file/i.test(reason),
  );
  if (absent !== undefined && tables.length > 0) return { value: 'none', file: absent.path };
  for (const boot of boots) {
    const { file } = boot;
    const line = boot.tables.find((one) => one.signature === 'FACP')?.line;
    if (line !== undefined && !boot.tables.some((one) => byTable[one.signature] !== undefined)) {
      return { value: 'none', file, line };
    }
    const named = boot.tables.find((one) => byTable[one.signature] !== undefined);
    if (named !== undefined) return { value: byTable[named.signature] ?? 'none', file, line: named.line };
  }
  return undefined;
}
