import { type Address, type MemoryReader, pageAddress } from '@quiesce/simulation';
import { contextDomainId, contextLevels, contextTranslationType } from '../tables/context-entry.ts';
import { rootContextTable } from '../tables/root-entry.ts';
import { unreadable, type WalkResult, WalkTrail } from './table-image.ts';
import { walkSecondLevel } from './walk-second-level.ts';

/**
 * Walks legacy-mode tables in any memory image, e.g. of a dead machine: root entry, context entry, second-level table.
 * No registers and no caches take part. `levels` overrides what the context entry says.
 * Tables that are garbage end the walk; nothing is thrown.
 */
export function walkLegacy(
  memory: MemoryReader,
  rootTableAddress: Address,
  requesterId: number,
  iova: Address,
  options: { readonly levels?: number } = {},
): WalkResult {
  const trail = new WalkTrail(memory);
  const root = trail.read('root', rootTableAddress, requesterId >>> 8, 16);
  if (unreadable(root)) return trail.fail(0x08);
  if ((root.entryLow & 1) === 0) return trail.fail(0x01);
  const table = rootContextTable(root.entryLow, root.entryHigh);
  const context = trail.read('context', table, requesterId & 0xff, 16);
  if (unreadable(context)) return trail.fail(0x09);
  if ((context.entryLow & 1) === 0) return trail.fail(0x02);
  const word2 = memory.read32(context.address + 8);
  trail.domainId = contextDomainId(word2);
  const type = contextTranslationType(context.entryLow);
  if (type === 2) return trail.done(iova, 4096, true, true, 0);
  const levels = options.levels ?? contextLevels(word2);
  if (type === 3 || levels < 3 || levels > 5) return trail.fail(0x03);
  if (iova >= 2 ** (12 + 9 * levels)) return trail.fail(0x04);
  const found = walkSecondLevel(trail, pageAddress(context.entryLow, context.entryHigh), levels, iova);
  if (found.outcome === 'not-present') return trail.fail(0x06);
  if (found.outcome !== 'found') return trail.fail(0x07);
  return trail.done(found.physical, found.pageBytes, found.read, found.write, found.read ? 0 : 0x06);
}
