import { type KernelProfile, kernelProfile, nearestProfile } from '@quiesce/boot-sequencer';
import { UserError } from '@quiesce/simulation';
import type { LabVariant } from '../lab/lab-variant.ts';

/** What insmod takes at least before a driver's probe begins; nobody drives the device meanwhile. */
const MODULE_LOAD_MS = 30;
/** More than any series has releases. */
const NEWEST = 9999;

/** Both kernels of a run of the model. */
export interface PredictedKernels {
  readonly first: KernelProfile;
  readonly second: KernelProfile;
}

/**
 * The model's profile of a real kernel: the one that does most nearly what its version does. A series stands for its newest.
 * @param version `6.1.192`, `6.1`
 * @throws UserError `KERNEL_UNKNOWN` if it is no version
 */
export function profileOfVersion(version: string): KernelProfile {
  const match = /^\d{1,4}\.\d{1,4}(\.\d{1,4})?/.exec(version);
  if (match === null) {
    throw new UserError('KERNEL_UNKNOWN', `"${version}" is no version of a kernel`, { expected: '6.1.192' });
  }
  const release = match[1] === undefined ? `${match[0]}.${NEWEST}` : version;
  return kernelProfile(nearestProfile('intel-vt-d', release).profile);
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
