import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import type { BusEvidence } from './bus-evidence.ts';
import { withoutImpossibleBuses } from './impossible-buses.ts';
import { withoutSharedBuses } from './shared-buses.ts';

/** Functions whose bridges make a tree. */
export interface BridgeTree {
  readonly functions: readonly ListedFunction[];
  /** What was put right. */
  readonly notes: readonly ImportNote[];
  /** Several bridges led to one bus. */
  readonly shared: boolean;
}

/**
 * Makes a tree of bridges, whatever damage or sources of several times have made of their bus numbers.
 * @param evidenceOf asked where several bridges lead to one bus
 */
export function treeOfBridges(
  functions: readonly ListedFunction[],
  evidenceOf: () => BusEvidence = () => ({ above: new Map(), claims: new Map() }),
): BridgeTree {
  const possible = withoutImpossibleBuses(functions) ?? { functions, notes: [] };
  const alone = withoutSharedBuses(possible.functions, evidenceOf);
  if (alone === undefined) return { ...possible, shared: false };
  return { functions: alone.functions, notes: [...possible.notes, ...alone.notes], shared: true };
}
