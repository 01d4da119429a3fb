import { interruptDeviations } from './interrupt-deviations.ts';
import { registerDeviations } from './register-deviations.ts';
import { testedUnits } from './suite-parts.ts';

/** A listed deviation of QEMU's unit: its id, and the clause that the model follows instead. */
export interface ListedDeviation {
  readonly id: string;
  readonly reason: string;
}

/** Those that the judge itself knows, for they are of the log rather than of one request. */
const ofTheLog: readonly ListedDeviation[] = [
  {
    id: 'faults-of-one-source-collapse',
    reason:
      'VT-d 7.2.1: a unit may leave out faults of a source that has one in the log; QEMU does, ours reports that they were lost (PFO)',
  },
  {
    id: 'interrupt-faults-leave-no-record',
    reason:
      'VT-d 7.1.2, 7.2.1: a blocked interrupt request is a fault and goes into the log; QEMU drops it silently',
  },
];

/** Every listed deviation of QEMU 7.2, once. */
export const allDeviations: readonly ListedDeviation[] = [
  ...new Map(
    [
      ...ofTheLog,
      ...testedUnits.flatMap((unit) => unit.deviations),
      ...interruptDeviations,
      ...registerDeviations,
    ].map(({ id, reason }) => [id, { id, reason }] as const),
  ).values(),
];
