import type { IommuInitContext, RemappingUnitHandle } from '@quiesce/strategy';
import {
  LEGACY_MODE,
  rootTableAddress,
  rootTableMode,
  SecondLevelTable,
  type UnitRegisters,
} from '@quiesce/vtd-iommu';
import type { AcceptOptions } from './accept-active-iommu-copy.ts';
import { type DuplicatedContext, type DuplicatedRoot, duplicateRoot } from './duplicate-contexts.ts';
import { Duplication, DuplicationLimitReached } from './duplication.ts';

/**
 * Moves an active unit to a duplicate of its tables. Returns false if it has to be initialised anew; then nothing of
 * the unit was touched.
 */
export function acceptTranslations(
  ctx: IommuInitContext<AcceptOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
): boolean {
  const { unit, rootTable } = registers;
  if (rootTableMode(rootTable.low) !== LEGACY_MODE) {
    ctx.log(`DMAR: ${unit.name}: the old kernel's tables are not in legacy mode, cannot accept them`);
    return false;
  }
  const oldRoot = rootTableAddress(rootTable.low, rootTable.high);
  if (oldRoot === 0) {
    ctx.log(`DMAR: ${unit.name}: translation is on without a root table`);
    return false;
  }
  const work = new Duplication(ctx.memory, ctx.pages, ctx.options.pageLimit);
  let root: DuplicatedRoot;
  try {
    root = duplicateRoot(work, oldRoot);
  } catch (error) {
    if (!(error instanceof DuplicationLimitReached)) throw error;
    ctx.log(`DMAR: ${unit.name}: ${error.message}, cannot accept them`);
    return false;
  }
  for (const doubt of work.doubts) ctx.log(`DMAR: ${unit.name}: ${doubt}`);
  adopt(ctx, registers, root);
  ctx.log(
    `DMAR: ${unit.name}: accepted ${root.contexts.length} context entries, copied ${work.pageCount} pages of tables`,
  );
  return true;
}

/**
 * Both sets of tables give the same results for every request under way, so the pointer may change while translation
 * is on (VT-d 11.2 in revision 1.3).
 */
function adopt(
  ctx: IommuInitContext<AcceptOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
  root: DuplicatedRoot,
): void {
  const { unit } = registers;
  if (!registers.setRootTable(root.address)) ctx.log(`DMAR: ${unit.name}: the root table was not taken`);
  if (registers.queuedInvalidationEnabled) ctx.kernel.invalidateTranslations(unit);
  else if (!registers.invalidateByRegisters()) ctx.log(`DMAR: ${unit.name}: invalidation did not end`);
  ctx.kernel.adoptRootTable(unit, { address: root.address, scalable: false });
  for (const domainId of new Set(root.contexts.map((each) => each.domainId))) {
    ctx.kernel.reserveDomainId(unit, domainId);
  }
  const ranges = new Map<number, { start: number; end: number }[]>();
  for (const each of root.contexts) {
    if (each.levels === undefined) continue;
    const reserved = ranges.get(each.pageTableRoot) ?? mappedRanges(ctx, each, each.levels);
    ranges.set(each.pageTableRoot, reserved);
    const { requesterId, domainId, levels, pageTableRoot } = each;
    ctx.kernel.adoptDomain({ unit, requesterId, domainId, levels, pageTableRoot, reserved });
  }
}

/** I/O virtual addresses that old traffic may use. */
function mappedRanges(
  ctx: IommuInitContext<AcceptOptions>,
  { pageTableRoot }: DuplicatedContext,
  levels: number,
): { start: number; end: number }[] {
  return SecondLevelTable.at(pageTableRoot, { memory: ctx.memory, levels }).ranges();
}
