import { type KernelProfile, kernelPair, kernelProfile } from '@quiesce/boot-sequencer';
import { apply } from 'json-merge-patch';
import type { CaseKernel } from '../case/record-case.ts';
import { checkProfile } from './check-profile.ts';

/** A change of a kernel: another one, or other fields. */
export interface KernelChange {
  readonly profile?: string;
  readonly set?: Readonly<Record<string, unknown>>;
}

/** Both kernels of a case. @throws UserError `KERNEL_UNKNOWN`, `CASE_CHANGE` for fields that profiles do not have */
export function kernelsOf(
  first: CaseKernel | undefined,
  second: CaseKernel,
  change: { readonly firstKernel?: KernelChange; readonly secondKernel?: KernelChange } = {},
): { first: KernelProfile; second: KernelProfile } {
  const named = typeof second === 'string' ? second : second.profile;
  const pair = kernelPair(named);
  return {
    first: changed(first ?? pair.first.name, change.firstKernel),
    second: changed(
      typeof second === 'string' ? pair.second.name : { ...second, profile: pair.second.name },
      change.secondKernel,
    ),
  };
}

function changed(kernel: CaseKernel, change: KernelChange | undefined): KernelProfile {
  const name = change?.profile ?? (typeof kernel === 'string' ? kernel : kernel.profile);
  const own = typeof kernel === 'string' ? undefined : kernel.set;
  let profile = kernelProfile(name);
  for (const set of [own, change?.set]) {
    if (set === undefined) continue;
    profile = apply(structuredClone(profile) as object, set) as unknown as KernelProfile;
    checkProfile(profile);
  }
  return profile;
}
