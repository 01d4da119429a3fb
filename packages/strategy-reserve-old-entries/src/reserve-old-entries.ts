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
import {
  interruptTableAddress,
  interruptTableEntries,
  rootTableAddress,
  rootTableMode,
  SCALABLE_MODE,
  SecondLevelTable,
  UnitRegisters,
} from '@quiesce/vtd-iommu';
import { busyRanges } from './busy-ranges.ts';
import { oldDomains } from './old-domains.ts';

const declarations = {
  minimumFree: {
    type: 'integer',
    default: 2048,
    minimum: 0,
    maximum: 1_048_576,
    description:
      'Entries of 4 KiB that the second kernel needs at least; if fewer are free the top ones are taken.',
  },
  windowPages: {
    type: 'integer',
    default: 1_048_576,
    minimum: 1,
    maximum: 1_048_576,
    description:
      'Entries of the table that the second kernel may use, below 4 GiB; a DMA window is that small.',
  },
} as const;

/** `minimumFree`, `windowPages`. */
export type ReserveOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Both kernels share the page tables of the first one: entries that are mapped are marked busy, and new mappings go
 * between them. If too little is free, the top of the table is taken from whoever uses it.
 */
export const reserveOldEntries: StrategyPlugin<ReserveOptions> = defineStrategy({
  name: 'reserve-old-entries',
  description: 'Maps into the old page tables, beside the entries that old traffic uses.',
  sources: [
    'Linux arch/powerpc/kernel/iommu.c, iommu_table_clear: KDUMP_MIN_TCE_ENTRIES, 2048',
    'Linux commit 95b68dec0d5 (2008): Calgary marks the used entries of the first kernel',
  ],
  options: schema,
  create: () => ({
    name: reserveOldEntries.name,
    description: reserveOldEntries.description,
    sources: reserveOldEntries.sources,
    irqRemapInit,
    iommuInit,
  }),
});

export default reserveOldEntries;

function irqRemapInit(ctx: IrqRemapInitContext<ReserveOptions>): void {
  for (const unit of ctx.units) {
    const registers = registersOf(ctx, unit);
    const { low, high } = registers?.interruptTable ?? { low: 0, high: 0 };
    const address = interruptTableAddress(low, high);
    if (!registers?.interruptRemappingEnabled || address === 0) {
      ctx.kernel.initialiseUnit(unit);
      continue;
    }
    ctx.kernel.adoptInterruptTable(unit, { address, entries: interruptTableEntries(low) });
    ctx.kernel.invalidateInterruptEntries(unit);
  }
}

function iommuInit(ctx: IommuInitContext<ReserveOptions>): void {
  if (!ctx.kernel.translates) {
    ctx.kernel.initialise();
    return;
  }
  for (const unit of ctx.units) {
    const registers = registersOf(ctx, unit);
    if (registers === undefined || !shareTables(ctx, registers)) ctx.kernel.initialiseUnit(unit);
  }
}

/** False if the unit has no tables to share. */
function shareTables(
  ctx: IommuInitContext<ReserveOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
): boolean {
  const { unit, rootTable } = registers;
  const address = rootTableAddress(rootTable.low, rootTable.high);
  const mode = rootTableMode(rootTable.low);
  if (!registers.translationEnabled || address === 0 || mode > SCALABLE_MODE) return false;
  const scalable = mode === SCALABLE_MODE;
  ctx.kernel.adoptRootTable(unit, { address, scalable });
  const { memory } = ctx;
  const ranges = new Map<number, ReturnType<typeof busyRanges>>();
  let taken = 0;
  for (const { requesterId, domainId, table } of oldDomains(memory, address, scalable)) {
    ctx.kernel.reserveDomainId(unit, domainId);
    if (table === undefined) {
      ctx.kernel.adoptEntry(unit, { requesterId, domainId });
      continue;
    }
    let busy = ranges.get(table.root);
    if (busy === undefined) {
      const mapped = SecondLevelTable.at(table.root, { memory, levels: table.levels }).ranges();
      busy = busyRanges(mapped, ctx.options);
      ranges.set(table.root, busy);
      taken += busy.takenPages;
    }
    const { levels, root: pageTableRoot } = table;
    ctx.kernel.adoptDomain({ unit, requesterId, domainId, levels, pageTableRoot, reserved: busy.reserved });
  }
  ctx.kernel.invalidateTranslations(unit);
  ctx.log(`${unit.name}: old entries are reserved in ${ranges.size} tables`);
  if (taken > 0) ctx.log(`${unit.name}: tables are full; ${taken} entries are freed for the kdump boot`);
  return true;
}

/** Undefined for a unit whose registers this strategy does not know. */
function registersOf(
  ctx: IommuInitContext<ReserveOptions> | IrqRemapInitContext<ReserveOptions>,
  unit: RemappingUnitHandle,
): UnitRegisters<RemappingUnitHandle> | undefined {
  if (unit.architecture === 'vt-d') return new UnitRegisters(unit, ctx.delay);
  ctx.log(`${unit.name}: tables of ${unit.architecture} cannot be shared; left to the kernel`);
  return undefined;
}
