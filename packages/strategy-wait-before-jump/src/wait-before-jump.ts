import {
  defineStrategy,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type StrategyPlugin,
} from '@quiesce/strategy';

const declarations = {
  waitMs: {
    type: 'integer',
    default: 10_000,
    minimum: 0,
    maximum: 600_000,
    description: 'How long the crashing kernel waits before it jumps.',
  },
} as const;

/** `waitMs`. */
export type WaitBeforeJumpOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * The crashing kernel waits, as Linux does before it enters a second kernel whose memory may be a target of DMA
 * (`crashkernel=…,cma`): what was short-lived is over by then. Nothing is stopped.
 */
export const waitBeforeJump: StrategyPlugin<WaitBeforeJumpOptions> = defineStrategy({
  name: 'wait-before-jump',
  description: 'Waits on the crash path for DMA to end by itself.',
  sources: [
    'Jiri Bohac, "kdump: crashkernel reservation from CMA", 2025: ten seconds before the jump',
    'Marc Zyngier, 2020, on kdump with an SMMU: there is no delay after which DMA is known to be over',
  ],
  options: schema,
  create: () => ({
    name: waitBeforeJump.name,
    description: waitBeforeJump.description,
    sources: waitBeforeJump.sources,
    crash(ctx) {
      ctx.log(`kexec: waiting ${ctx.options.waitMs} ms for DMA to end`);
      ctx.delay(ctx.options.waitMs);
    },
  }),
});

export default waitBeforeJump;
