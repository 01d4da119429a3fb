import {
  compareKernelVersions,
  isKernelWithin,
  type KernelFactName,
  type KernelVersion,
  kernelFact,
  likelyKernelHas,
  type VersionRange,
} from '@quiesce/machine';
import data from './kernel-eras.json' with { type: 'json' };

/** What there are kernel profiles for: the remapping hardware of a machine, or none. */
export type ProfilePlatform = 'intel-vt-d' | 'amd-vi' | 'smmu' | 'none';

/** Versions for which one profile stands. */
export interface KernelEra extends VersionRange {
  readonly profile: string;
  /** What is not known of these versions, and what the profile does otherwise; one sentence each. */
  readonly doubts: readonly string[];
}

/** What a profile does of what tells kernels apart. */
interface EraRow {
  readonly profile: string;
  readonly has: readonly KernelFactName[];
  /** At reboot, where it decides between profiles that are otherwise alike, and is no reason to doubt one. */
  readonly reboots?: KernelFactName;
  /** Versions beyond which the profile does not stand for others. */
  readonly within?: VersionRange;
}

const eras = new Map<ProfilePlatform, readonly KernelEra[]>();

/**
 * Every version of Linux in its order, each with the profile that does most nearly what it does, by `kernelFacts` of
 * `@quiesce/machine`.
 */
export function kernelEras(platform: ProfilePlatform): readonly KernelEra[] {
  const known = eras.get(platform);
  if (known !== undefined) return known;
  const made = erasOf(data[platform] as readonly EraRow[]);
  eras.set(platform, made);
  return made;
}

function erasOf(rows: readonly EraRow[]): KernelEra[] {
  const facts = [...new Set(rows.flatMap(({ has }) => has))];
  const made: { from: string; before: string; profile: string; doubts: readonly string[] }[] = [];
  const starts = boundaries(rows, facts);
  for (const [index, from] of starts.entries()) {
    const before = starts[index + 1] ?? '9999';
    const era = { from, before, ...bestOf(rows, facts, from.split('.').map(Number)) };
    const last = made.at(-1);
    if (last?.profile === era.profile && last.doubts.join() === era.doubts.join()) last.before = before;
    else made.push(era);
  }
  return made;
}

/** Every version at which something begins or ends, ascending. */
function boundaries(rows: readonly EraRow[], facts: readonly KernelFactName[]): string[] {
  const named = [...facts, ...rows.flatMap(({ reboots }) => reboots ?? [])].map(kernelFact);
  const ranges = [
    ...named.flatMap((fact) => [...fact.ranges, ...fact.unsure]),
    ...rows.flatMap(({ within }) => within ?? []),
  ];
  const texts = new Set(['0', ...ranges.flatMap(({ from, before }) => [from, before])]);
  texts.delete('9999');
  return [...texts].sort((a, b) => compareKernelVersions(a.split('.').map(Number), b.split('.').map(Number)));
}

function bestOf(
  rows: readonly EraRow[],
  facts: readonly KernelFactName[],
  version: KernelVersion,
): { readonly profile: string; readonly doubts: readonly string[] } {
  const asked = facts.map((name) => ({ name, ...likelyKernelHas(version, name) }));
  const [best] = rows
    .filter(({ within }) => within === undefined || isKernelWithin(version, within))
    .map((row) => ({
      row,
      otherwise: asked.filter(({ name, holds }) => row.has.includes(name) !== holds),
      rebootsOtherwise:
        row.reboots === undefined ? clearsNone(rows, version) : !holdsOf(row.reboots, version),
    }))
    .sort(
      (a, b) =>
        a.otherwise.length - b.otherwise.length ||
        Number(a.rebootsOtherwise) - Number(b.rebootsOtherwise) ||
        Number(b.row.within !== undefined) - Number(a.row.within !== undefined),
    );
  if (best === undefined) throw new RangeError(`no profile for ${version.join('.')}`);
  const doubts = [
    ...asked.flatMap(({ doubt }) => doubt ?? []),
    ...best.otherwise
      .filter(({ doubt }) => doubt === undefined)
      .map(
        ({ name, holds }) =>
          `the profile does ${holds ? 'not do this' : 'otherwise'}: ${kernelFact(name).says}`,
      ),
  ];
  return { profile: best.row.profile, doubts: [...new Set(doubts)] };
}

function holdsOf(name: KernelFactName, version: KernelVersion): boolean {
  return likelyKernelHas(version, name).holds;
}

/** A row that says nothing of reboots is unlike kernels of which another row says something. */
function clearsNone(rows: readonly EraRow[], version: KernelVersion): boolean {
  return rows.some(({ reboots }) => reboots !== undefined && holdsOf(reboots, version));
}
