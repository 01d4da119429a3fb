import type { Tally } from '../simulation/tally.ts';
import type { Criterion, Gain } from './gain.ts';

const words: Readonly<Record<Criterion, { readonly better: string; readonly worse: string }>> = {
  'lost-dump': { better: 'saves the dump', worse: 'loses the dump' },
  corruption: { better: 'ends stray writes', worse: 'lets DMA hit foreign memory' },
  'altered-dump': { better: 'keeps the dump true', worse: 'lets DMA change the dump' },
  untranslated: { better: 'ends untranslated DMA', worse: 'lets DMA out untranslated' },
  faults: { better: 'ends faults', worse: 'brings faults' },
  'display-lost': { better: 'keeps the display', worse: 'loses the display' },
  'reboot-hung': { better: 'ends hangs at reboot', worse: 'hangs at reboot' },
};

/** `saves the dump in 4, keeps the dump true in 8 of 16 crashes; brings faults in 2`. */
export function describeGain({ differences, of }: Gain): string {
  const better = differences.filter((one) => one.better > one.worse);
  const worse = differences.filter((one) => one.worse > one.better);
  const said = (list: typeof differences, way: 'better' | 'worse'): string =>
    list.map((one) => `${words[one.criterion][way]} in ${Math.abs(one.better - one.worse)}`).join(', ');
  if (better.length === 0 && worse.length === 0) return `makes no difference in ${of} crashes`;
  if (better.length === 0) return `${said(worse, 'worse')} of ${of} crashes`;
  const but = worse.length === 0 ? '' : `; but ${said(worse, 'worse')}`;
  return `${said(better, 'better')} of ${of} crashes${but}`;
}

/** What became worse alone: `loses the dump in 4, brings faults in 16 of 16 crashes`. */
export function describeWorse({ differences, of }: Gain): string {
  return describeGain({
    of,
    differences: differences.map((one) => (one.worse > one.better ? one : { ...one, better: 0, worse: 0 })),
    verdict: 'worse',
    against: [],
  });
}

/** What a criterion is called where something speaks against advice. */
export function describeAgainst(criterion: Criterion, verdict: 'better' | 'worse'): string {
  return words[criterion][verdict === 'better' ? 'worse' : 'better'];
}

/** `a dump in 12 of 16 crashes, true in 4` */
export function describeDumps({ dumps, trueDumps, runs, ended, failure }: Tally): string {
  if (ended === 0) return `no outcome in ${runs} crashes${failure === null ? '' : ` (${failure.text})`}`;
  const of = `${dumps.times} of ${dumps.of}`;
  if (dumps.times === 0) return `no dump in ${dumps.of} crashes`;
  return trueDumps.times === dumps.times
    ? `a true dump in ${of} crashes`
    : `a dump in ${of} crashes, true in ${trueDumps.times}`;
}
