import {
  defineStrategy,
  type IommuInitContext,
  type IrqRemapInitContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type RemappingUnitHandle,
  type Strategy,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { UnitRegisters } from '@quiesce/vtd-iommu';
import { acceptTranslations } from './accept-translations.ts';
import { copyInterruptTable } from './copy-interrupt-table.ts';

const declarations = {
  copyInterruptTable: {
    type: 'boolean',
    default: false,
    description: 'Copy the interrupt remapping table, too; the series of 2014 was about DMA alone.',
  },
  pageLimit: {
    type: 'integer',
    default: 32_768,
    minimum: 1,
    maximum: 1_048_576,
    description: 'Pages of tables to copy for one unit at most; beyond it the unit is initialised anew.',
  },
} as const;

/** `copyInterruptTable`, `pageLimit`. */
export type AcceptOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Accepts the IOMMU as the first kernel has left it: root, context and page tables are duplicated into memory of the
 * second kernel, the unit is switched over to the duplicate without ever being off, and every driver goes on with the
 * old domain beside the old ranges. Nothing is done to any device.
 */
export const acceptActiveIommuCopy: StrategyPlugin<AcceptOptions> = defineStrategy({
  name: 'accept-active-iommu-copy',
  description: 'Copies the active translation tables and switches to the copy, so that leftover DMA goes on.',
  sources: [
    'Bill Sumner, "[PATCH 0/6] Crashdump-Accepting-Active-IOMMU", iommu and kexec lists, January 2014',
    'Intel VT-d specification, revision 1.3, section 11.2: the root table may change while translation is on',
  ],
  options: schema,
  create: (options) => {
    const strategy: Strategy<AcceptOptions> = {
      name: acceptActiveIommuCopy.name,
      description: acceptActiveIommuCopy.description,
      sources: acceptActiveIommuCopy.sources,
      iommuInit,
    };
    return options.copyInterruptTable ? { ...strategy, irqRemapInit } : strategy;
  },
});

export default acceptActiveIommuCopy;

function iommuInit(ctx: IommuInitContext<AcceptOptions>): void {
  const refused: RemappingUnitHandle[] = [];
  // Drivers of a kernel without DMA remapping would find none of their addresses in the old tables.
  const units = ctx.kernel.translates ? ctx.units : [];
  if (!ctx.kernel.translates) refused.push(...ctx.units);
  for (const unit of units) {
    const registers = registersOf(ctx, unit);
    if (registers === undefined || !registers.translationEnabled) refused.push(unit);
    else if (!acceptTranslations(ctx, registers)) refused.push(unit);
  }
  if (refused.length === ctx.units.length) ctx.kernel.initialise();
  else for (const unit of refused) ctx.kernel.initialiseUnit(unit);
}

function irqRemapInit(ctx: IrqRemapInitContext<AcceptOptions>): void {
  const refused: RemappingUnitHandle[] = [];
  for (const unit of ctx.units) {
    const registers = registersOf(ctx, unit);
    if (registers === undefined || !registers.interruptRemappingEnabled) refused.push(unit);
    else if (!copyInterruptTable(ctx, registers)) refused.push(unit);
  }
  if (refused.length === ctx.units.length) ctx.kernel.initialise();
  else for (const unit of refused) ctx.kernel.initialiseUnit(unit);
}

/** Undefined for a unit whose registers this strategy does not know. */
function registersOf(
  ctx: IommuInitContext<AcceptOptions> | IrqRemapInitContext<AcceptOptions>,
  unit: RemappingUnitHandle,
): UnitRegisters<RemappingUnitHandle> | undefined {
  if (unit.architecture === 'vt-d') return new UnitRegisters(unit, ctx.delay);
  ctx.log(`${unit.name}: tables of ${unit.architecture} cannot be accepted; left to the kernel`);
  return undefined;
}
