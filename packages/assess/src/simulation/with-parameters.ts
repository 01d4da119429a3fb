import type { KernelProfile } from '@quiesce/boot-sequencer';
import effects from './kernel-parameters.json' with { type: 'json' };

interface Effect {
  readonly key: string;
  readonly value: string;
  readonly for: string;
  readonly set: { readonly remapping?: object; readonly first?: object };
  readonly says: string;
}

/** A profile as parameters change it, and what each of them did. */
export interface ParameterisedProfile {
  readonly profile: KernelProfile;
  /** `intel_iommu=off: DMA remapping is not set up`. */
  readonly effects: readonly string[];
}

/** Applies those parameters to a profile that the model knows the meaning of; later ones go before earlier ones. */
export function withParameters(
  profile: KernelProfile,
  parameters: readonly string[],
  kernel: 'first' | 'second',
): ParameterisedProfile {
  let changed = profile;
  const told: string[] = [];
  for (const parameter of parameters) {
    const at = parameter.indexOf('=');
    if (at < 0) continue;
    const key = parameter.slice(0, at);
    for (const value of parameter.slice(at + 1).split(',')) {
      for (const effect of effects as readonly Effect[]) {
        if (effect.key !== key || effect.value !== value || (effect.for === 'first' && kernel !== 'first'))
          continue;
        changed = {
          ...changed,
          remapping: { ...changed.remapping, ...effect.set.remapping },
          first: { ...changed.first, ...effect.set.first },
        };
        told.push(`${key}=${value}: ${effect.says}`);
      }
    }
  }
  return { profile: changed, effects: told };
}

/** The parameters of a command line; what stands in quotes stays together, as in the kernel. */
export function parametersOf(commandLine: string): string[] {
  const found: string[] = [];
  let open = '';
  let quoted = false;
  for (const character of commandLine) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(character)) {
      if (open !== '') found.push(open);
      open = '';
    } else open += character;
  }
  return open === '' ? found : [...found, open];
}
