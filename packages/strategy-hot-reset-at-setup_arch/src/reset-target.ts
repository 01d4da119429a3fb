import type { Type1ConfigAccess } from '@quiesce/strategy';
import { type EarlyFunction, hasVga, isPcieEndpoint, isResetPort } from './early-function.ts';
import { functionsOn } from './scan.ts';

/** A port that is to be reset, and all that its reset reaches. */
export interface ResetTarget {
  readonly port: EarlyFunction;
  /** Endpoints, one at least. */
  readonly functions: readonly EarlyFunction[];
}

/**
 * Looks at what is right below `port` now. Undefined if it is not to be reset: no root port or downstream port, nothing
 * or not only PCIe endpoints below, or a VGA controller whose monitor is to stay on.
 */
export function resetTargetAt(
  type1: Type1ConfigAccess,
  port: EarlyFunction,
  skipDisplay: boolean,
  log: (line: string) => void,
): ResetTarget | undefined {
  if (!isResetPort(port) || port.secondaryBus <= port.bus) return undefined;
  const functions = [...functionsOn(type1, port.secondaryBus)];
  if (functions.length === 0 || !functions.every(isPcieEndpoint)) return undefined;
  if (skipDisplay && functions.some(hasVga)) {
    log(`pci ${port.name}: not reset, there is a VGA controller below`);
    return undefined;
  }
  return { port, functions };
}
