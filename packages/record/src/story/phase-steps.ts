import { millisecond, type Trace } from '@quiesce/simulation';
import { type Phase, phases } from '@quiesce/strategy';

/** What happened in one phase of a crash. */
export interface PhaseStep {
  readonly phase: Phase;
  /** When it began, milliseconds after the panic. */
  readonly atMs: number;
  readonly dmaFaults: number;
  readonly interruptFaults: number;
  readonly systemErrors: number;
  /** Bytes that old traffic wrote into its own old buffers. */
  readonly leftoverBytes: number;
}

/** Sums that the trace holds at the beginning of each phase. */
const sums = ['dmaFaults', 'interruptFaults', 'systemErrors', 'leftoverBytes'] as const;

/** The phases that a crash went through, from the panic on, and what each added. */
export function phaseSteps(trace: Trace, end: Readonly<Record<(typeof sums)[number], number>>): PhaseStep[] {
  const marks = trace
    .events()
    .filter(({ kind }) => kind === 'phase')
    .map(({ at, values }) => ({ at, phase: phases[values.index ?? 0] as Phase, values }))
    .filter(({ phase }) => phase !== 'first_kernel');
  const panic = marks[0]?.at ?? 0;
  return marks.map(({ at, phase, values }, index) => {
    const after: Readonly<Record<string, number>> = marks[index + 1]?.values ?? end;
    const added = (sum: (typeof sums)[number]): number => (after[sum] ?? 0) - (values[sum] ?? 0);
    return {
      phase,
      atMs: (at - panic) / millisecond,
      dmaFaults: added('dmaFaults'),
      interruptFaults: added('interruptFaults'),
      systemErrors: added('systemErrors'),
      leftoverBytes: added('leftoverBytes'),
    };
  });
}
