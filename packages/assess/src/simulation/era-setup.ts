import { kernelProfile } from '@quiesce/boot-sequencer';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { CrashSetup } from './experiment.ts';

/** Both kernels of that profile, with the parameters that both have on this machine. */
export function eraSetup(setup: CrashSetup, name: string, world: SimulatedWorld): CrashSetup {
  const profile = kernelProfile(name);
  return { ...setup, first: world.asFirst(profile), second: world.asSecond(profile) };
}
