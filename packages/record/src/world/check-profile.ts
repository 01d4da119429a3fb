import { type KernelProfile, kernelProfiles } from '@quiesce/boot-sequencer';
import { UserError } from '@quiesce/simulation';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that a profile may have and none of ours has, with a value of their type. */
const optional: Partial<Omit<KernelProfile, 'first'>> & { readonly first: Partial<KernelProfile['first']> } =
  {
    masksRemappingErrors: true,
    keepsVirtualFunctions: false,
    undrivenMs: 0,
    moduleLoadMs: 0,
    first: { defaultDomain: 'dma', waitsBeforeJumpMs: 0 },
  };

/**
 * Checks that a changed profile has the fields that profiles have, and no other ones: a field that is misspelt would
 * change nothing, and a case would agree for no reason.
 * @throws UserError `CASE_CHANGE` with the path of the field
 */
export function checkProfile(profile: KernelProfile): void {
  check(profile as unknown as Fields, [optional as Fields, ...(kernelProfiles as unknown as Fields[])], '');
}

function check(value: Fields, samples: readonly Fields[], path: string): void {
  for (const [key, field] of Object.entries(value)) {
    const others = samples.map((sample) => sample[key]).filter((one) => one !== undefined);
    const at = `${path}${key}`;
    if (others.length === 0) {
      const known = [...new Set(samples.flatMap((sample) => Object.keys(sample)))].sort().join(', ');
      throw new UserError('CASE_CHANGE', `a kernel profile has no field ${at}`, { expected: known });
    }
    const kinds = new Set(others.map(kindOf));
    if (!kinds.has(kindOf(field))) {
      throw new UserError('CASE_CHANGE', `the field ${at} of a kernel profile is ${kindOf(field)}`, {
        expected: [...kinds].join(' or '),
      });
    }
    if (kindOf(field) === 'object') checkObject(field as Fields, others.filter(isObject), `${at}.`);
  }
}

/** Objects are whole: a profile that had none before needs all that such an object always has. */
function checkObject(value: Fields, samples: readonly Fields[], path: string): void {
  check(value, samples, path);
  const whole = samples.filter((sample) => !Object.values(optional).includes(sample as never));
  const always = Object.keys(whole[0] ?? {}).filter((key) => whole.every((sample) => key in sample));
  const missing = always.find((key) => !(key in value));
  if (missing === undefined) return;
  throw new UserError('CASE_CHANGE', `the field ${path}${missing} of a kernel profile is missing`, {
    expected: always.join(', '),
  });
}

function isObject(value: unknown): value is Fields {
  return kindOf(value) === 'object';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
