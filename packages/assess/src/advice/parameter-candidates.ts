import { rule } from '../functions/evidence.ts';
import { withParameters } from '../simulation/with-parameters.ts';
import type { Candidate } from './candidate.ts';
import known from './parameter-candidates.json' with { type: 'json' };

/** What of a machine decides which parameters are worth a try. */
export interface ParameterConditions {
  readonly 'vt-d': boolean;
  readonly scalable: boolean;
  readonly ats: boolean;
  readonly always: true;
}

interface KnownParameter {
  readonly parameter: string;
  readonly for: string;
  readonly when: string;
  readonly title: string;
  readonly text: string;
  readonly costs?: string;
  readonly rule: string;
}

/** Parameters that the model knows the effect of, and that are not set already. */
export function parameterCandidates(
  conditions: ParameterConditions,
  crashParameters: readonly string[],
): Candidate[] {
  return (known as readonly KnownParameter[])
    .filter((one) => conditions[one.when as keyof ParameterConditions])
    .filter((one) => one.for !== 'second' || !crashParameters.includes(one.parameter))
    .map(candidateOf);
}

function candidateOf(one: KnownParameter): Candidate {
  const { parameter } = one;
  return {
    id: `parameter:${one.for}:${parameter}`,
    kind: 'parameter',
    title: one.title,
    text: one.text,
    ...(one.costs === undefined ? {} : { costs: one.costs }),
    commands: [
      ...(one.for === 'second' ? [] : [`production kernel: ${parameter}`]),
      ...(one.for === 'first' ? [] : [`crash kernel: ${parameter}`]),
    ],
    evidence: [rule(one.rule, parameter)],
    change: (setup) => ({
      ...setup,
      first: one.for === 'second' ? setup.first : withParameters(setup.first, [parameter], 'first').profile,
      second:
        one.for === 'first' ? setup.second : withParameters(setup.second, [parameter], 'second').profile,
      parameters: one.for === 'first' ? setup.parameters : [...setup.parameters, parameter],
    }),
  };
}
