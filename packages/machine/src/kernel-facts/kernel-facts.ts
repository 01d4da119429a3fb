import data from './kernel-facts.json' with { type: 'json' };
import { isKernelWithin, type KernelVersion, type VersionRange } from './kernel-version.ts';

/** Things that kernels of some versions do: names of `kernel-facts.json`. */
export type KernelFactName =
  | 'does-not-drain-interrupts'
  | 'rebuilds-tables'
  | 'clears-interrupt-table'
  | 'translation-off-first'
  | 'no-flush-at-attach'
  | 'takes-scalable-for-legacy'
  | 'forgets-device-tlbs'
  | 'forgets-device-tlbs-of-legacy-entries'
  | 'clears-port-bus-master'
  | 'keeps-stale-interrupts'
  | 'shares-domains-by-group'
  | 'switches-ignored-units-off'
  | 'refuses-group-attach'
  | 'vmd-bypasses-remapping'
  | 'misplaces-upper-context-table'
  | 'flushes-wrong-domain'
  | 'rebuilds-amd-device-table'
  | 'silences-amd-faults'
  | 'copies-amd-device-table'
  | 'forgets-old-amd-domains'
  | 'leaves-amd-buffers-off'
  | 'resets-smmu'
  | 'refuses-enabled-smmu'
  | 'adopts-stream-table';

/** Versions of which it is not known whether they do it, and why. */
export interface UnsureRange extends VersionRange {
  readonly why: string;
}

/** What kernels of some versions do, from where to where, and how it is known. */
export interface KernelFact {
  readonly name: KernelFactName;
  /** A sentence without its full stop: `4.2 to 4.9 as released flush nothing when …`. */
  readonly says: string;
  /** Commits and mails that began and ended it. */
  readonly source: string;
  /** Versions whose source was read, or which were measured. */
  readonly read: readonly string[];
  /** Versions that do it, those of stable branches included; nearest to the truth where `unsure` overlaps them. */
  readonly ranges: readonly VersionRange[];
  readonly unsure: readonly UnsureRange[];
}

interface FactRow {
  readonly says: string;
  readonly source: string;
  readonly read: readonly string[];
  readonly ranges: readonly (readonly string[])[];
  readonly unsure?: readonly UnsureRange[];
}

const rows: Readonly<Record<KernelFactName, FactRow>> = data;

/** Every fact that is known here, in the order of their years. */
export const kernelFacts: readonly KernelFact[] = Object.entries(rows).map(
  ([name, { says, source, read, ranges, unsure = [] }]) => ({
    name: name as KernelFactName,
    says,
    source,
    read,
    ranges: ranges.map(([from = '0', before = '9999']) => ({ from, before })),
    unsure,
  }),
);

const byName: ReadonlyMap<string, KernelFact> = new Map(kernelFacts.map((fact) => [fact.name, fact]));

/** The fact of that name. */
export function kernelFact(name: KernelFactName): KernelFact {
  return byName.get(name) as KernelFact;
}

/** Whether kernels of a version do it; undefined where that is not known. */
export function kernelHas(version: KernelVersion, name: KernelFactName): boolean | undefined {
  const { holds, doubt } = likelyKernelHas(version, name);
  return doubt === undefined ? holds : undefined;
}

/** Whether kernels of a version do it, nearest to the truth, with what is in doubt. */
export function likelyKernelHas(
  version: KernelVersion,
  name: KernelFactName,
): { readonly holds: boolean; readonly doubt?: string } {
  const { ranges, unsure } = kernelFact(name);
  const holds = ranges.some((range) => isKernelWithin(version, range));
  const why = unsure.find((range) => isKernelWithin(version, range))?.why;
  return why === undefined ? { holds } : { holds, doubt: why };
}
