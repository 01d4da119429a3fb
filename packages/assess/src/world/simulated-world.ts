import {
  chosenProfile,
  type KernelProfile,
  kernelProfile,
  type NearestProfile,
  nearestProfile,
  type ProfilePlatform,
} from '@quiesce/boot-sequencer';
import type { HostFacts, ImportedCapture, Machine, RemappingPlatform } from '@quiesce/machine';
import { type TranslationState, translationState } from '../simulation/translation-state.ts';
import { parametersOf, withParameters } from '../simulation/with-parameters.ts';
import { type PlatformFinding, platformFinding } from './platform-finding.ts';

/** What is simulated of a captured machine, and why so. */
export interface SimulatedWorld {
  readonly platform: PlatformFinding;
  /** Which ranges of kernel versions apply; undefined if nothing is simulated. */
  readonly ranges: ProfilePlatform | undefined;
  readonly nearest: NearestProfile | undefined;
  /** Profiles of both kernels, as their parameters change them. */
  readonly first: KernelProfile | undefined;
  readonly second: KernelProfile | undefined;
  /** The crash kernel's profile before any parameter. */
  readonly secondBase: KernelProfile | undefined;
  /** A profile with what parameters say of the first kernel, or of the crash kernel. */
  asFirst(profile: KernelProfile): KernelProfile;
  asSecond(profile: KernelProfile): KernelProfile;
  /** The crash kernel's parameters. */
  readonly crashParameters: readonly string[];
  readonly translation: TranslationState;
  /** What parameters were taken into account. */
  readonly effects: readonly string[];
  readonly scalable: boolean;
}

/** What a user says against what a capture says. */
export interface WorldOptions {
  /** Profile of the crash kernel. */
  readonly kernel?: string;
  readonly crashCommandLine?: string;
}

/**
 * Decides which kernels crash and boot, and in which mode.
 * @throws UserError `KERNEL_UNKNOWN`
 */
export function simulatedWorld(imported: ImportedCapture, options: WorldOptions = {}): SimulatedWorld {
  const { host, machine } = imported;
  const platform = platformFinding(machine, host);
  const translation = translationState(host);
  const crashParameters = parametersOf(options.crashCommandLine ?? host.crashCommandLine?.value ?? '');
  const production = [
    ...((machine?.units.length ?? 0) > 0 && translation.state === 'off' ? ['intel_iommu=off'] : []),
    ...parametersOf(host.commandLine?.value ?? ''),
  ];
  const both = {
    platform,
    crashParameters,
    translation,
    asFirst: (profile: KernelProfile) => withParameters(profile, production, 'first').profile,
    asSecond: (profile: KernelProfile) => withParameters(profile, crashParameters, 'second').profile,
  };
  const ranges = machine === undefined ? undefined : rangesOf(machine, platform.kind);
  if (ranges === undefined || machine === undefined) {
    return {
      ...both,
      ranges: undefined,
      nearest: undefined,
      first: undefined,
      second: undefined,
      secondBase: undefined,
      effects: [],
      scalable: false,
    };
  }
  const release = host.kernelRelease?.value;
  const version = host.kernelVersion?.value;
  const nearest =
    options.kernel === undefined
      ? nearestProfile(ranges, release, version)
      : chosenProfile(ranges, options.kernel);
  const crashing = release === undefined ? nearest : nearestProfile(ranges, release, version);
  const secondBase = kernelProfile(nearest.profile);
  const first = withParameters(firstOf(crashing.profile), production, 'first');
  const second = withParameters(secondBase, crashParameters, 'second');
  return {
    ...both,
    ranges,
    nearest,
    first: first.profile,
    second: second.profile,
    secondBase,
    effects: [
      ...first.effects.map((effect) => `production kernel, ${effect}`),
      ...second.effects.map((effect) => `crash kernel, ${effect}`),
    ],
    scalable: isScalable(machine, first.profile),
  };
}

/** The profile that crashes where `name` boots: itself, unless it stands for a second kernel alone. */
function firstOf(name: string): KernelProfile {
  const profile = kernelProfile(name);
  return profile.partner === undefined ? profile : kernelProfile(profile.partner);
}

function rangesOf(machine: Machine, platform: RemappingPlatform): ProfilePlatform | undefined {
  const architecture = machine.units[0]?.architecture;
  if (architecture === 'vt-d') return 'intel-vt-d';
  if (architecture === 'amd-vi') return 'amd-vi';
  if (architecture === 'smmu-v3') return 'smmu';
  return platform === 'power' || platform === 'smmu' ? undefined : 'none';
}

function isScalable(machine: Machine, first: KernelProfile): boolean {
  const wanted =
    first.remapping.scalable === 'on' || (first.remapping.scalable === 'machine' && machine.scalable);
  return wanted && unitsScale(machine);
}

/** A unit has scalable mode: SMTS, bit 43 of the extended capability register. */
export function unitsScale(machine: Machine): boolean {
  return machine.units.some(({ architecture, extendedCapability }) => {
    const high = Number.parseInt(extendedCapability.slice(0, 8), 16);
    return architecture === 'vt-d' && (high & 0x800) !== 0;
  });
}

/** Facts of a host that says nothing of itself. */
export function noHostFacts(): HostFacts {
  return { platform: { value: 'unknown', file: '' }, drivers: {}, iommuGroups: {}, remappingLines: [] };
}

/** A machine by itself, a preset for example, as if it had been captured without anything beside it. */
export function withoutHost(machine: Machine): ImportedCapture {
  return { machine, host: noHostFacts(), sources: [], conflicts: [], notes: machine.notes };
}
