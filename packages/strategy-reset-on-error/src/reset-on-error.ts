import {
  type AerErrorContext,
  defineStrategy,
  type IommuFaultContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { mayBeReset, resetNow, resetScheduled } from './reset-port.ts';

const declarations = {
  on: {
    type: 'choice',
    choices: ['iommu-fault', 'aer', 'both'],
    default: 'iommu-fault',
    description: 'Whose handler resets: that of IOMMU faults, that of AER, or both.',
  },
  runsIn: {
    type: 'choice',
    choices: ['work', 'handler'],
    default: 'work',
    description:
      'The handler leaves the reset to a workqueue, or waits for it itself and everything else with it.',
  },
  waitMs: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 60_000,
    description: 'Wait after the reset, before config space below the port is touched again.',
  },
  resetsPerPort: {
    type: 'integer',
    default: 1,
    minimum: 1,
    maximum: 1000,
    description: 'How often one port is reset at most: a fault storm is one error.',
  },
  skipDisplay: {
    type: 'boolean',
    default: true,
    description: 'Leave ports alone that have a display controller below.',
  },
} as const;

/** `on`, `runsIn`, `waitMs`, `resetsPerPort`, `skipDisplay`. */
export type ResetOnErrorOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/** What the handlers of both errors have. */
interface ErrorContext
  extends Pick<
    IommuFaultContext<ResetOnErrorOptions> & AerErrorContext<ResetOnErrorOptions>,
    'device' | 'options' | 'log' | 'delay'
  > {
  schedule(ms: number, work: (ctx: ErrorContext) => void): void;
}

/**
 * Nothing is done until something goes wrong; then the handler that is told of it resets the bus of the device that
 * caused it, whatever its driver is doing at that time.
 */
export const resetOnError: StrategyPlugin<ResetOnErrorOptions> = defineStrategy({
  name: 'reset-on-error',
  description: 'Hot reset of a device from the handler that is told of its IOMMU fault or AER error.',
  sources: [
    'Takao Indoh, slides on the reliability of kdump, Fujitsu 2013: "Another idea: Reset devices when error is detected"',
  ],
  options: schema,
  create: ({ on }) => {
    const resets = new Map<string, number>();
    const handle = (ctx: ErrorContext): void => resetDevice(ctx, resets);
    return {
      name: resetOnError.name,
      description: resetOnError.description,
      sources: resetOnError.sources,
      ...(on === 'aer' ? {} : { iommuFault: handle }),
      ...(on === 'iommu-fault' ? {} : { aerError: handle }),
    };
  },
});

export default resetOnError;

/** `resets`: how often each port was reset in this run. */
function resetDevice(ctx: ErrorContext, resets: Map<string, number>): void {
  const { device, options } = ctx;
  const port = device?.upstream;
  if (port === undefined || !mayBeReset(port, options.skipDisplay)) return;
  const count = resets.get(port.name) ?? 0;
  if (count >= options.resetsPerPort) return;
  resets.set(port.name, count + 1);
  ctx.log(`pci ${device?.name}: error, resetting the bus below ${port.name}`);
  if (options.runsIn === 'handler') resetNow(port, options.waitMs, ctx);
  else resetScheduled(port, options.waitMs, ctx);
}
