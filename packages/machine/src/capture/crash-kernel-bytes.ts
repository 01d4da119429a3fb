import type { LoggedBoot } from '../import/boot-record.ts';
import { eachRegion, type Iomem } from '../import/iomem.ts';
import type { SysfsFile } from '../import/sysfs-file.ts';
import type { Stated } from './host-facts.ts';
import type { ReadSource } from './section-reader.ts';
import { sysfsNumber } from './sysfs-fact.ts';

/** What can say how much memory is kept for the crash kernel. */
export interface CrashMemorySources {
  readonly reading: { readonly sysfsFiles: readonly SysfsFile[] };
  readonly iomem: ReadSource<Iomem> | undefined;
  readonly boots: readonly LoggedBoot[];
}

/** Regions of one source: a large one, and with `crashkernel=…,high` a small one below 4 GiB. */
interface Reserved {
  readonly regions: readonly number[];
  readonly total: Stated<number>;
}

/**
 * Bytes that are kept for the crash kernel, one value of each source, the best first. `kexec_crash_size` is of the large region
 * alone: where /proc/iomem has that region among others, all of them count.
 */
export function crashKernelBytes({ reading, iomem, boots }: CrashMemorySources): Stated<number>[] {
  const paths = ['sys/kernel/kexec_crash_size', 'sys/kernel/kexec/crash_size'];
  const large = sysfsNumber(reading.sysfsFiles, paths);
  const found = [reservedOfIomem(iomem), reservedOfBoot(boots[0])].filter((one) => one !== undefined);
  const whole = found.find(
    ({ regions }) => regions.length > 1 && large !== undefined && regions.includes(large.value),
  );
  const stated =
    whole === undefined ? [large, ...found.map(({ total }) => total)] : found.map(({ total }) => total);
  return stated.filter((one) => one !== undefined);
}

function reservedOfIomem(iomem: ReadSource<Iomem> | undefined): Reserved | undefined {
  const regions: number[] = [];
  let first: number | undefined;
  eachRegion(iomem?.parsed.regions ?? [], ({ label, start, end, line }) => {
    if (label !== 'Crash kernel') return;
    first ??= line + (iomem?.line ?? 1) - 1;
    regions.push(end - start);
  });
  return first === undefined
    ? undefined
    : { regions, total: { value: sum(regions), file: iomem?.file ?? '', line: first } };
}

function reservedOfBoot(boot: LoggedBoot | undefined): Reserved | undefined {
  const first = boot?.crashReservations[0];
  if (boot === undefined || first === undefined) return undefined;
  const regions = boot.crashReservations.map(({ base, limit }) => limit - base + 1);
  return { regions, total: { value: sum(regions), file: boot.file, line: first.line } };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}
