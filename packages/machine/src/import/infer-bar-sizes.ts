import { type CapturedBar, type ConfigReader, capturedBars } from '../description/config-reader.ts';
import { hex, type InferenceList } from './inference-list.ts';
import { eachRegion, type IomemRegion } from './iomem.ts';

/** Regions of /proc/iomem by function and start address. */
export class RegionIndex {
  readonly #sizes = new Map<string, number>();

  constructor(regions: readonly IomemRegion[]) {
    eachRegion(regions, ({ label, start, end }) => {
      const key = `${label}@${start}`;
      if (!this.#sizes.has(key)) this.#sizes.set(key, end - start);
    });
  }

  size(functionName: string, address: number): number | undefined {
    return this.#sizes.get(`${functionName}@${address}`);
  }
}

/** Most a BAR of unknown size is taken to have; its alignment alone would allow far more. */
const MEMORY_LIMIT = 0x10_0000;
const IO_LIMIT = 0x20;

/**
 * Size of each BAR: from the verbose text, from /proc/iomem, or else from how its address is aligned, which
 * is listed. A BAR that reads zero and that no text speaks of is taken as not implemented.
 */
export function barSizesOf(
  config: ConfigReader,
  name: string,
  stated: readonly (number | undefined)[],
  regions: RegionIndex,
  path: string,
  inferred: InferenceList,
): number[] {
  const sizes = new Array<number>(6).fill(0);
  for (const bar of capturedBars(config)) {
    const known = stated[bar.index] ?? (bar.kind === 'io' ? undefined : regions.size(name, bar.address));
    if (known !== undefined && fits(bar, known)) sizes[bar.index] = known;
    else if (bar.address !== 0) {
      const size = sizeByAlignment(bar);
      sizes[bar.index] = size;
      inferred.add(
        `${path}/barSizes/${bar.index}`,
        hex(size),
        'neither lspci -v nor /proc/iomem says its size',
      );
    }
  }
  return sizes;
}

function fits(bar: CapturedBar, size: number): boolean {
  return size >= (bar.kind === 'io' ? 4 : 16) && Math.log2(size) % 1 === 0 && bar.address % size === 0;
}

function sizeByAlignment(bar: CapturedBar): number {
  let size = bar.kind === 'io' ? IO_LIMIT : MEMORY_LIMIT;
  while (bar.address % size !== 0) size /= 2;
  return size;
}
