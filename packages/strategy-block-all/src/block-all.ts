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
import { ABORT_DMA_MODE, LEGACY_MODE, rootTableMode, SCALABLE_MODE, UnitRegisters } from '@quiesce/vtd-iommu';
import { replaceInterruptTable } from './replace-interrupt-table.ts';

const declarations = {
  from: {
    type: 'choice',
    choices: ['irq_remap_init', 'iommu_init'],
    default: 'iommu_init',
    description: 'When requests begin to be refused: where interrupts are set up, or where translation is.',
  },
  interrupts: {
    type: 'choice',
    choices: ['kept', 'empty'],
    default: 'kept',
    description:
      'kept: interrupt entries of the old kernel go on where they are; empty: their messages are refused.',
  },
} as const;

/** `from`, `interrupts`. */
export type BlockAllOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Refuses every request until a driver attaches. Translation is never off: the unit gets a root table without entries,
 * or, before there is one, the mode that aborts all DMA where it has that.
 */
export const blockAll: StrategyPlugin<BlockAllOptions> = defineStrategy({
  name: 'block-all',
  description: 'Refuses all DMA from an empty root table on, until a driver attaches.',
  sources: [
    'Linux commit b63b3439b856: an SMMUv3 found enabled by a kdump kernel is set to abort',
    'Intel VT-d specification, section 10.4.6: abort-DMA mode of the root table address register',
  ],
  options: schema,
  create: () => ({
    name: blockAll.name,
    description: blockAll.description,
    sources: blockAll.sources,
    irqRemapInit,
    iommuInit,
  }),
});

export default blockAll;

type Registers = UnitRegisters<RemappingUnitHandle>;

function irqRemapInit(ctx: IrqRemapInitContext<BlockAllOptions>): void {
  for (const unit of ctx.units) {
    const registers = registersOf(ctx, unit);
    if (registers !== undefined && ctx.options.from === 'irq_remap_init') blockEarly(ctx, registers);
    if (!registers?.interruptRemappingEnabled) ctx.kernel.initialiseUnit(unit);
    else replaceInterruptTable(ctx, registers, ctx.options.interrupts === 'kept');
  }
}

/** Nothing has to be built for the mode that aborts. */
function blockEarly(ctx: IrqRemapInitContext<BlockAllOptions>, registers: Registers): void {
  if (!registers.translationEnabled) return;
  if (registers.capability.abortDma) registers.setRootTable(0, ABORT_DMA_MODE);
  else registers.setRootTable(ctx.pages.allocate(), rootTableMode(registers.rootTable.low));
  ctx.kernel.invalidateTranslations(registers.unit);
  ctx.log(`DMAR: ${registers.unit.name}: all DMA is refused`);
}

function iommuInit(ctx: IommuInitContext<BlockAllOptions>): void {
  if (!ctx.kernel.translates) {
    ctx.kernel.initialise();
    return;
  }
  for (const unit of ctx.units) {
    const registers = registersOf(ctx, unit);
    if (registers === undefined) {
      ctx.kernel.initialiseUnit(unit);
      continue;
    }
    const scalable = registers.translationEnabled && rootTableMode(registers.rootTable.low) === SCALABLE_MODE;
    const address = ctx.pages.allocate();
    registers.setRootTable(address, scalable ? SCALABLE_MODE : LEGACY_MODE);
    ctx.kernel.invalidateTranslations(unit);
    if (!registers.translationEnabled) registers.enableTranslation();
    ctx.kernel.adoptRootTable(unit, { address, scalable });
    ctx.log(`DMAR: ${unit.name}: DMA is refused until a driver attaches`);
  }
}

/** Undefined for a unit whose registers this strategy does not know. */
function registersOf(
  ctx: IommuInitContext<BlockAllOptions> | IrqRemapInitContext<BlockAllOptions>,
  unit: RemappingUnitHandle,
): Registers | undefined {
  if (unit.architecture === 'vt-d') return new UnitRegisters(unit, ctx.delay);
  ctx.log(`${unit.name}: no empty tables for ${unit.architecture}; left to the kernel`);
  return undefined;
}
