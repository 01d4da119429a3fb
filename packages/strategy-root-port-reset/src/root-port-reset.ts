import {
  defineStrategy,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type StrategyPlugin,
  type Type1ConfigAccess,
} from '@quiesce/strategy';
import { findRootPorts } from './root-ports.ts';
import { restoreHeaders, type SavedHeader, saveHeaders } from './saved-header.ts';

const BRIDGE_CONTROL = 0x3e;
const SECONDARY_BUS_RESET = 0x40;
/** At least 1 ms (PCIe 6.6.1, Trst). */
const RESET_MS = 2;

const declarations = {
  when: {
    type: 'choice',
    choices: ['setup_arch', 'iommu_init'],
    default: 'setup_arch',
    description: 'Before any table is touched, or right before the remapping units are initialised.',
  },
  restore: {
    type: 'boolean',
    default: true,
    description: 'Put the headers of everything behind the ports back, bridges first.',
  },
  waitMs: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 60_000,
    description: 'One wait after all resets, before config space is touched again.',
  },
} as const;

/** `when`, `restore`, `waitMs`. */
export type RootPortResetOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Hot reset of every root port of bus 0 with all that is behind it, whatever that is: conventional functions, displays
 * and switches too. It is the experiment that this project did on real kernels under QEMU.
 */
export const rootPortReset: StrategyPlugin<RootPortResetOptions> = defineStrategy({
  name: 'root-port-reset',
  description: 'Hot reset of every root port with all behind it, in setup_arch or right before the IOMMU.',
  sources: ['Experiment on Linux 6.1 and 6.12 under QEMU 7.2 for this project'],
  options: schema,
  create: (options) => {
    const about = {
      name: rootPortReset.name,
      description: rootPortReset.description,
      sources: rootPortReset.sources,
    };
    if (options.when === 'setup_arch') {
      return { ...about, setupArch: (ctx) => resetRootPorts(ctx.type1, options, ctx.delay) };
    }
    return {
      ...about,
      iommuInit(ctx) {
        resetRootPorts(ctx.type1, options, ctx.delay);
        ctx.kernel.initialise();
      },
    };
  },
});

export default rootPortReset;

function resetRootPorts(
  config: Type1ConfigAccess,
  options: RootPortResetOptions,
  delay: (ms: number) => void,
): void {
  const ports = findRootPorts(config);
  const saved: SavedHeader[] = [];
  for (const { secondary } of ports) if (secondary !== 0) saveHeaders(config, secondary, saved);
  for (const { device, fn } of ports) {
    const control = config.read16(0, device, fn, BRIDGE_CONTROL);
    config.write16(0, device, fn, BRIDGE_CONTROL, control | SECONDARY_BUS_RESET);
    delay(RESET_MS);
    config.write16(0, device, fn, BRIDGE_CONTROL, control & ~SECONDARY_BUS_RESET);
  }
  if (ports.length > 0) delay(options.waitMs);
  if (options.restore) restoreHeaders(config, saved);
}
