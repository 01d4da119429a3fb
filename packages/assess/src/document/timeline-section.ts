import type { ReportSection, Severity, TimelineLane } from '@quiesce/report';
import type { AssessedStory, Assessment } from '../result/assessment.ts';

/** Requesters that get a lane of their own. */
const MOST_LANES = 12;

const severities: Readonly<Record<AssessedStory['marks'][number]['kind'], Severity>> = {
  'dma-fault': 'warning',
  'interrupt-fault': 'warning',
  corruption: 'critical',
};

const kinds: Readonly<Record<AssessedStory['marks'][number]['kind'], string>> = {
  'dma-fault': 'DMA fault',
  'interrupt-fault': 'interrupt fault',
  corruption: 'corruption',
};

/** One simulated crash of the machine as it is: phases of the crash kernel, and what each requester did in them. */
export function timelineSection({ story, now }: Assessment): ReportSection | undefined {
  if (story === null || now === null) return undefined;
  const starts = new Map<string, number>(story.phases.map(({ phase, startMs }) => [phase, startMs]));
  const requesters = [...new Set(story.marks.map(({ requester }) => requester))];
  const sum = (requester: string): number =>
    story.marks.reduce((total, mark) => total + (mark.requester === requester ? mark.count : 0), 0);
  const shown = requesters.sort((a, b) => sum(b) - sum(a)).slice(0, MOST_LANES);
  const ending: Severity =
    story.dump === 'saved' ? 'good' : story.dump === 'altered' ? 'warning' : 'critical';
  const lanes: TimelineLane[] = [
    {
      name: 'crash kernel',
      spans: story.phases.map(({ phase, startMs, endMs }) => ({
        startMs,
        endMs,
        label: phase,
        ...(phase === 'dump' ? { severity: ending } : {}),
      })),
      marks: [],
    },
    {
      name: 'leftover DMA, KiB',
      // Into buffers of the dead kernel, where it harms nobody until they are dumped.
      spans: story.phases
        .filter(({ leftoverBytes }) => leftoverBytes > 0)
        .map(({ phase, startMs, endMs, leftoverBytes }) => ({
          startMs,
          endMs,
          label: kibibytes(leftoverBytes),
          severity: phase === 'dump' ? ('warning' as const) : ('note' as const),
        })),
      marks: [],
    },
    ...shown.map((requester): TimelineLane => {
      return {
        name: requester,
        spans: [],
        marks: story.marks
          .filter((mark) => mark.requester === requester)
          .map(({ phase, kind, count, via }) => ({
            atMs: starts.get(phase) ?? 0,
            label: kinds[kind],
            details: via,
            severity: severities[kind],
            count,
          })),
      };
    }),
  ];
  const dump = {
    saved: 'The dump is true.',
    altered: 'The dump is written, and changed by leftover DMA.',
    lost: 'The dump is lost.',
  };
  const more =
    requesters.length > shown.length
      ? ` ${requesters.length - shown.length} requesters more did something.`
      : '';
  const stopped = story.stopped === null ? '' : ` It stopped in ${story.stopped}.`;
  return {
    title: `One simulated crash (${story.workload}, seed ${story.seed})`,
    blocks: [
      { kind: 'timeline', lanes },
      { kind: 'text', text: `Milliseconds after the panic. ${dump[story.dump]}${stopped}${more}` },
    ],
  };
}

function kibibytes(bytes: number): string {
  return bytes < 1024 ? (bytes / 1024).toFixed(1) : Math.round(bytes / 1024).toFixed(0);
}
