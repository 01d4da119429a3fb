import type { FabricObserver, SystemErrorCause } from '../fabric/fabric-observer.ts';
import type { Escalation } from '../platform/platform-description.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';

/** Tells what the platform makes of an error that has reached its core logic; `none` is nothing at all. */
export function escalate(
  observer: FabricObserver,
  reaction: Escalation,
  cause: SystemErrorCause,
  source: PcieFunction | undefined,
  detail: number,
  repeat: number,
): void {
  if (reaction !== 'none') observer.systemError(reaction, cause, source, detail, repeat);
}
