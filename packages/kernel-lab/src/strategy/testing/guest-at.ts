import { crash, type KernelProfile, type World } from '@quiesce/boot-sequencer';
import { type Machine, preset } from '@quiesce/machine';
import { defineStrategy, type Strategy, type StrategyPlugin } from '@quiesce/strategy';
import { ModelGuest } from './model-guest.ts';

/** Memory of a `q35-lab` that its second kernel is far from using up. */
export const labMemory = { start: 0x3c00_0000, end: 0x3e00_0000 } as const;

/** A hook at which the model can be stopped. */
export type Place = 'crash' | 'iommuCrashShutdown' | 'setupArch' | 'irqRemapInit' | 'iommuInit';

/** A guest at the instant when a crash of the model gets to `place`. */
export function guestAt(
  place: Place,
  machine: Machine = preset('q35-lab'),
  kernel: string | KernelProfile = 'linux-6',
): ModelGuest {
  return new ModelGuest(worldAfter(place, () => {}, machine, kernel));
}

/** A crash of the model that ends right after `body` has run as the hook `place`. */
export function worldAfter(
  place: Place,
  // biome-ignore lint/suspicious/noExplicitAny: the context of the hook
  body: (ctx: any) => void,
  machine: Machine = preset('q35-lab'),
  kernel: string | KernelProfile = 'linux-6',
): World {
  const run = (ctx: unknown): never => {
    body(ctx);
    throw new Error('as far as this');
  };
  const strategy: Strategy = { name: 'stop', description: 'Stops.', sources: [], [place]: run };
  const plugin: StrategyPlugin = defineStrategy({ ...strategy, create: () => strategy });
  return crash({ machine, strategy: plugin, kernel, seed: 1 }).world;
}
