import type { Diagnosis } from '@quiesce/diagnose';

/** Properties that `quiesce diagnose --require` can ask of a log. */
export const logRequirements: Readonly<Record<string, (diagnosis: Diagnosis) => boolean>> = {
  'no-remapping-trouble': ({ verdict }) => verdict !== 'remapping-trouble',
  'no-trouble': ({ verdict }) => verdict === 'none',
  'no-faults': ({ faults }) => faults.dma + faults.interrupt === 0,
  'dump-saved': ({ events }) =>
    events.some((event) => event.kind === 'dump-saved') &&
    !events.some((event) => event.kind === 'dump-failed'),
};
