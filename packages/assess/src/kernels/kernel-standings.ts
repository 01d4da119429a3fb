import { kernelProfile, type ProfilePlatform, platformVersions } from '@quiesce/boot-sequencer';
import { describeWorse } from '../advice/describe-gain.ts';
import { type Criterion, compareGains, gainOf } from '../advice/gain.ts';
import type { KernelStanding } from '../result/assessment.ts';
import type { ExperimentResult } from '../simulation/experiment.ts';

/** What nobody wants of a kernel. A dump that changes while it is read comes of every kernel that lets DMA go on. */
const reasonsToAvoid: readonly Criterion[] = ['lost-dump', 'corruption', 'untranslated', 'faults'];

/** Each profile against the best of them on this machine. */
export function kernelStandings(
  platform: ProfilePlatform,
  now: ExperimentResult,
  results: readonly ExperimentResult[],
): KernelStanding[] {
  const ranked = results
    .map((result) => ({ result, gain: gainOf(now.runs, result.runs) }))
    .sort((a, b) => compareGains(a.gain, b.gain));
  const best = ranked[0]?.result;
  return results.map((result): KernelStanding => {
    const behind = best === undefined ? undefined : gainOf(best.runs, result.runs);
    const clear = behind?.differences.find(
      ({ criterion, better, worse }) =>
        reasonsToAvoid.includes(criterion) && worse - better >= Math.max(1, behind.of * 0.15),
    );
    const gain = gainOf(now.runs, result.runs);
    return {
      name: result.id,
      description: kernelProfile(result.id).description,
      tally: result.tally,
      byWorkload: result.byWorkload,
      gain,
      versions: platformVersions(platform)
        .filter(({ profile }) => profile === result.id)
        .map(({ from, before }) => ({ from, before })),
      avoid: clear !== undefined,
      why: clear === undefined || behind === undefined ? 'nothing against it' : describeWorse(behind),
    };
  });
}
