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
import { UnitRegisters } from '@quiesce/vtd-iommu';
import { copyInterruptEntries } from './copy-interrupt-entries.ts';
import { copyTranslationTables } from './copy-translation-tables.ts';

const declarations = {
  scalableMode: {
    type: 'boolean',
    default: true,
    description: 'false: only tables in legacy mode can be copied, as before Linux 6.0.',
  },
  upperHalfDefect: {
    type: 'boolean',
    default: false,
    description:
      'On a bus that has a table for devfn 0x80 and above alone, its copy is put where that for the lower half belongs.',
  },
  unmappableBus: {
    type: 'integer',
    default: -1,
    minimum: -1,
    maximum: 255,
    description: 'A bus whose old context table cannot be mapped; it is skipped. -1: there is none.',
  },
  ignoredUnits: {
    type: 'choice',
    choices: ['off', 'kept'],
    default: 'off',
    description:
      'Units with no device that the second kernel has found: translation switched off, or left alone.',
  },
} as const;

/** `scalableMode`, `upperHalfDefect`, `unmappableBus`, `ignoredUnits`. */
export type CopyContextOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * What Linux does since 4.2: root and context entries are copied bit for bit and go on pointing at the old kernel's page
 * tables; an entry is torn down when a driver attaches. Interrupt entries are copied, too.
 */
export const copyContextEntries: StrategyPlugin<CopyContextOptions> = defineStrategy({
  name: 'copy-context-entries',
  description: 'Copies root, context and interrupt entries; the page tables of the old kernel stay in use.',
  sources: [
    'Linux commits 4158c2eca3c7, 091d42e43d21, c3361f2f6e1d (translation) and 571dbbd4d044 (interrupts), June 2015',
    'Linux commit 0c5f6c0d8201, August 2022: scalable mode',
  ],
  options: schema,
  create: () => ({
    name: copyContextEntries.name,
    description: copyContextEntries.description,
    sources: copyContextEntries.sources,
    irqRemapInit,
    iommuInit,
  }),
});

export default copyContextEntries;

function irqRemapInit(ctx: IrqRemapInitContext<CopyContextOptions>): void {
  for (const unit of ctx.units) {
    const registers = registersOf(ctx, unit);
    if (registers?.interruptRemappingEnabled) copyInterruptEntries(ctx, registers);
    else ctx.kernel.initialiseUnit(unit);
  }
}

function iommuInit(ctx: IommuInitContext<CopyContextOptions>): void {
  if (!ctx.kernel.translates) {
    ctx.kernel.initialise();
    return;
  }
  for (const unit of ctx.units) {
    const registers = registersOf(ctx, unit);
    if (registers === undefined) ctx.kernel.initialiseUnit(unit);
    else if (isIgnored(ctx, unit)) leaveIgnored(ctx, registers);
    else if (!registers.translationEnabled) ctx.kernel.initialiseUnit(unit);
    else copyUnit(ctx, registers);
  }
}

function copyUnit(
  ctx: IommuInitContext<CopyContextOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
): void {
  const { unit } = registers;
  ctx.log('DMAR: Translation already enabled - trying to copy translation structures');
  const copy = copyTranslationTables(ctx, registers);
  if (copy === undefined) {
    ctx.log(`DMAR: Failed to copy translation tables from previous kernel for ${unit.name}`);
    registers.disableTranslation();
    ctx.kernel.initialiseUnit(unit);
    return;
  }
  registers.setRootTable(copy.address, copy.mode);
  ctx.kernel.adoptRootTable(unit, { address: copy.address, scalable: copy.scalable });
  ctx.kernel.invalidateTranslations(unit);
  for (const entry of copy.entries) ctx.kernel.adoptEntry(unit, entry);
  ctx.log(`DMAR: Copied translation tables from previous kernel for ${unit.name}`);
}

/** A unit that the kernel has no device for is none of its business, and so is what goes on behind it. */
function isIgnored(ctx: IommuInitContext<CopyContextOptions>, unit: RemappingUnitHandle): boolean {
  for (const { segment, bus, device, fn } of ctx.devices) {
    if (segment === unit.segment && unit.covers(bus * 256 + device * 8 + fn)) return false;
  }
  return true;
}

function leaveIgnored(
  ctx: IommuInitContext<CopyContextOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
): void {
  if (ctx.options.ignoredUnits === 'kept' || !registers.translationEnabled) return;
  ctx.log(`DMAR: ${registers.unit.name}: no device; translation is switched off`);
  registers.disableTranslation();
}

/** Undefined for a unit whose registers this strategy does not know. */
function registersOf(
  ctx: IommuInitContext<CopyContextOptions> | IrqRemapInitContext<CopyContextOptions>,
  unit: RemappingUnitHandle,
): UnitRegisters<RemappingUnitHandle> | undefined {
  if (unit.architecture === 'vt-d') return new UnitRegisters(unit, ctx.delay);
  ctx.log(`${unit.name}: tables of ${unit.architecture} cannot be copied; left to the kernel`);
  return undefined;
}
