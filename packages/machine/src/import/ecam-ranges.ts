import type { AcpiDump } from './acpi-dump.ts';
import { eachRegion, type IomemRegion } from './iomem.ts';

/** Where the config space of some buses stands in memory. */
export interface EcamRange {
  readonly segment: number;
  /** Of bus 0 of the segment, also where the range begins at a later bus. */
  readonly base: number;
  readonly firstBus: number;
  readonly lastBus: number;
}

const PER_BUS = 0x10_0000;

function isEcamBase(base: number): boolean {
  return base > 0 && base <= 2 ** 52 - 256 * PER_BUS && base % PER_BUS === 0;
}

/** Ranges of the MCFG table: 8 reserved bytes behind the header, then 16 bytes per range (PCI Firmware 3.2, 4.1.2). */
export function ecamFromMcfg(acpi: AcpiDump | undefined): EcamRange[] {
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

/** Ranges as /proc/iomem names them. */
export function ecamFromIomem(regions: readonly IomemRegion[]): EcamRange[] {
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
