import { type KernelProfile, kernelProfile, kernelProfiles } from '@quiesce/boot-sequencer';
import { UserError } from '@quiesce/simulation';
import type { LabVariant } from '../lab/lab-variant.ts';

/** What insmod takes at least before a driver's probe begins; nobody drives the device meanwhile. */
const MODULE_LOAD_MS = 30;

/** Both kernels of a run of the model. */
export interface PredictedKernels {
  readonly first: KernelProfile;
  readonly second: KernelProfile;
}

/**
 * The model's profile of a real kernel: that of its version if it has one, else the nearest older one of its series, as for
 * 6.12.110, else that of the present. A series stands for its newest.
 * @param version `6.1.192`, `6.1`
 * @throws UserError `KERNEL_UNKNOWN` if it is no version
 */
export function profileOfVersion(version: string): KernelProfile {
  const wanted = numbersOf(version);
  if (wanted === undefined) {
    throw new UserError('KERNEL_UNKNOWN', `"${version}" is no version of a kernel`, { expected: '6.1.192' });
  }
  const [major, minor, patch] = wanted;
  let nearest: { readonly profile: KernelProfile; readonly patch: number } | undefined;
  for (const profile of kernelProfiles) {
    const own = numbersOf(profile.name.replace(/^linux-/, ''));
    if (own === undefined || own[0] !== major || own[1] !== minor || own[2] > patch) continue;
    if (!profile.name.startsWith('linux-') || !Number.isFinite(own[2])) continue;
    if (nearest === undefined || own[2] > nearest.patch) nearest = { profile, patch: own[2] };
  }
  return nearest?.profile ?? kernelProfile('linux-6');
}

function numbersOf(version: string): [number, number, number] | undefined {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  return match === null
    ? undefined
    : [
        Number(match[1]),
        Number(match[2]),
        match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]),
      ];
}

/** Both kernels as a variant boots them. */
export function kernelsOfVariant(profile: KernelProfile, variant: LabVariant): PredictedKernels {
  const mode = (scalable: boolean): 'on' | 'off' => (scalable ? 'on' : 'off');
  const { remapping } = profile;
  return {
    first: { ...profile, remapping: { ...remapping, scalable: mode(variant.firstScalable) } },
    second: {
      ...profile,
      remapping: { ...remapping, scalable: mode(variant.secondScalable), ...tablesOf(variant.tables) },
      undrivenMs: variant.undrivenMs,
      moduleLoadMs: MODULE_LOAD_MS,
    },
  };
}

/** What differs in the driver; `no-copy`: the kernel does not take itself for a kdump kernel, and starts anew. */
function tablesOf(tables: LabVariant['tables']): Partial<KernelProfile['remapping']> {
  if (tables === 'iommu-off') return { enabled: false };
  if (tables === 'copy') return {};
  return {
    disablesTranslationFirst: true,
    copiesContextEntries: false,
    copiesScalable: false,
    copiesInterruptTable: false,
  };
}
