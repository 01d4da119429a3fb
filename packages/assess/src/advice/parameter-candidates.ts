import type { KernelProfile } from '@quiesce/boot-sequencer';
import { rule } from '../functions/evidence.ts';
import { withParameters } from '../simulation/with-parameters.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
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
  /** Ids of cases of the public record. */
  readonly cases?: readonly string[];
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
    effort: one.for === 'second' ? 2 : 3,
    commands: [
      ...(one.for === 'second' ? [] : [`production kernel: ${parameter}`]),
      ...(one.for === 'first' ? [] : [`crash kernel: ${parameter}`]),
    ],
    evidence: [rule(one.rule, parameter), ...(one.cases ?? []).map((id) => ({ source: `case ${id}` }))],
    change: (setup) => ({
      ...setup,
      first: one.for === 'second' ? setup.first : withParameters(setup.first, [parameter], 'first').profile,
      second:
        one.for === 'first' ? setup.second : withParameters(setup.second, [parameter], 'second').profile,
      parameters: one.for === 'first' ? setup.parameters : [...setup.parameters, parameter],
    }),
  };
}

/** Parameters of the crash kernel that the model knows the effect of, each left out. */
export function removalCandidates({ crashParameters, secondBase, second }: SimulatedWorld): Candidate[] {
  if (secondBase === undefined || second === undefined) return [];
  return crashParameters
    .filter((parameter) => simulatedParameters.includes(parameter) || changes(secondBase, parameter))
    .map(
      (parameter): Candidate => ({
        id: `parameter:remove:${parameter}`,
        kind: 'parameter',
        title: `Take ${parameter} off the crash kernel's command line`,
        text: 'The crash kernel then does what it does by default.',
        commands: [`KDUMP_COMMANDLINE_REMOVE="… ${parameter}", and not in KDUMP_COMMANDLINE_APPEND`],
        evidence: [rule('crash kernel, command line', parameter)],
        change: (setup) => ({
          ...setup,
          second: withoutParameter(setup.second, secondBase, parameter),
          parameters: setup.parameters.filter((one) => one !== parameter),
        }),
      }),
    );
}

/** Parameters that the simulated kernel itself reads, not its profile. */
const simulatedParameters: readonly string[] = known
  .filter((one) => one.for === 'second')
  .map(({ parameter }) => parameter);

function changes(profile: KernelProfile, parameter: string): boolean {
  return withParameters(profile, [parameter], 'second').effects.length > 0;
}

/** What a parameter set goes back to what it is in `base`. */
function withoutParameter(profile: KernelProfile, base: KernelProfile, parameter: string): KernelProfile {
  const { remapping } = withParameters(base, [parameter], 'second').profile;
  const touched = Object.entries(base.remapping).filter(
    ([field, value]) => remapping[field as keyof typeof remapping] !== value,
  );
  return { ...profile, remapping: { ...profile.remapping, ...Object.fromEntries(touched) } };
}
