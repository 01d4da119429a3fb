import { alikeVersions, comesTo } from '../kernels/alike-versions.ts';
import type { Advice, KernelStanding, Standing } from '../result/assessment.ts';
import { describeAgainst, describeGain } from './describe-gain.ts';
import { compareGains, type Gain } from './gain.ts';

/** The strategy that is worth most, as advice: none of them is a parameter of a stock kernel. */
export function strategyAdvice(strategies: readonly Standing[]): Advice[] {
  const best = bestOf(strategies.filter((one) => one.gain?.against.length === 0)) ?? bestOf(strategies);
  if (best?.gain === undefined) return [];
  return [
    {
      kind: 'patch',
      title: `With a kernel of your own: the strategy ${best.name}`,
      text: best.description,
      costs: ['No stock kernel offers it by a parameter.', ...speaksAgainst(best.gain)].join(' '),
      commands: [],
      evidence: [{ source: 'simulated', text: describeGain(best.gain) }],
      severity: best.gain.against.length === 0 ? 'good' : 'note',
      measured: { tally: best.tally, gain: best.gain },
    },
  ];
}

/** The kernel that is worth most, the newest of those that come to the same. */
export function bestKernel(kernels: readonly KernelStanding[]): KernelStanding | undefined {
  return bestOf(kernels.filter(({ avoid }) => !avoid).reverse());
}

/** The kernel that is worth most, as advice. */
export function kernelAdvice(kernels: readonly KernelStanding[]): Advice[] {
  const best = bestKernel(kernels);
  if (best?.gain === undefined) return [];
  const versions = alikeVersions(kernels)
    .filter(({ standing }) => comesTo(standing) === comesTo(best))
    .map((row) => row.versions)
    .join('; ');
  return [
    {
      kind: 'kernel',
      topic: 'Run a kernel of another version',
      title: `Run a kernel of another version: ${versions}`,
      text: best.description,
      ...(best.gain.against.length === 0 ? {} : { costs: speaksAgainst(best.gain).join(' ') }),
      commands: [],
      evidence: [{ source: 'simulated', text: describeGain(best.gain) }],
      severity: best.gain.against.length === 0 ? 'good' : 'note',
      measured: { tally: best.tally, gain: best.gain },
    },
  ];
}

function bestOf<T extends Standing>(standings: readonly T[]): T | undefined {
  return standings
    .filter(({ gain }) => gain?.verdict === 'better')
    .sort((a, b) => compareGains(a.gain as Gain, b.gain as Gain))[0];
}

function speaksAgainst({ against }: Gain): string[] {
  if (against.length === 0) return [];
  return [`In simulated crashes it also ${against.map((one) => describeAgainst(one, 'better')).join(', ')}.`];
}
