import {
  defineStrategy,
  type IommuInitContext,
  type IrqRemapInitContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type RemappingUnitHandle,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { tableReaders } from './table-readers.ts';

const declarations = {
  interrupts: {
    type: 'choice',
    choices: ['adopt', 'kernel'],
    default: 'adopt',
    description:
      'adopt: the old interrupt table stays in use as well; kernel: it is set up as the kernel does.',
  },
} as const;

/** `interrupts`. */
export type AdoptOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * The second kernel goes on with the tables of the first one where they are. No base register is written, so it does not
 * matter whether the unit would take another value, or would take it in one piece.
 */
export const adoptInPlace: StrategyPlugin<AdoptOptions> = defineStrategy({
  name: 'adopt-in-place',
  description: "Goes on with the old kernel's tables in the old kernel's memory; writes no base register.",
  sources: [
    'Linux commits f32fe7cb0198 and 38e5f33ee359 (2025): AMD units reuse the device table of the previous kernel',
    'N. Chen, arm-smmu-v3 kdump adoption, v1 to v7, April to June 2026',
    'Linux commit 95b68dec0d5 (2008): Calgary uses the tables of the first kernel',
  ],
  options: schema,
  create: (options) => ({
    name: adoptInPlace.name,
    description: adoptInPlace.description,
    sources: adoptInPlace.sources,
    ...(options.interrupts === 'adopt' ? { irqRemapInit } : {}),
    iommuInit,
  }),
});

export default adoptInPlace;

function irqRemapInit(ctx: IrqRemapInitContext<AdoptOptions>): void {
  for (const unit of ctx.units) {
    const table = readerFor(ctx, unit)?.interruptTable(unit, ctx.delay, ctx.memory);
    if (table === undefined) {
      ctx.kernel.initialiseUnit(unit);
      continue;
    }
    ctx.kernel.adoptInterruptTable(unit, table);
    ctx.kernel.invalidateInterruptEntries(unit);
    ctx.log(`${unit.name}: goes on with the interrupt table at 0x${table.address.toString(16)}`);
  }
}

function iommuInit(ctx: IommuInitContext<AdoptOptions>): void {
  if (!ctx.kernel.translates) {
    ctx.kernel.initialise();
    return;
  }
  for (const unit of ctx.units) {
    const root = readerFor(ctx, unit)?.rootTable(unit, ctx.delay, ctx.memory);
    if (root === undefined) {
      ctx.kernel.initialiseUnit(unit);
      continue;
    }
    ctx.kernel.adoptRootTable(unit, { address: root.address, scalable: root.scalable });
    for (const entry of root.entries) ctx.kernel.adoptEntry(unit, entry);
    ctx.kernel.invalidateTranslations(unit);
    const count = `${root.entries.length} entries`;
    ctx.log(`${unit.name}: goes on with the table at 0x${root.address.toString(16)}, ${count}`);
  }
}

function readerFor(
  ctx: IommuInitContext<AdoptOptions> | IrqRemapInitContext<AdoptOptions>,
  unit: RemappingUnitHandle,
): (typeof tableReaders)[string] | undefined {
  const reader = tableReaders[unit.architecture];
  if (reader === undefined) {
    ctx.log(`${unit.name}: tables of ${unit.architecture} are not known; left to the kernel`);
  }
  return reader;
}
