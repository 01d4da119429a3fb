import type { PcieFunction } from '../topology/pcie-function.ts';
import { LinkDown } from './link-state.ts';
import type { ResetCause, ResetContext } from './reset-context.ts';
import { comeUpBelow, resetBelow } from './reset-function.ts';
import { SHORTEST_RESET } from './timing.ts';

const causes: Readonly<Record<number, ResetCause>> = {
  [LinkDown.reset]: 'secondary-bus-reset',
  [LinkDown.disabled]: 'link-disable',
  [LinkDown.powerOff]: 'slot-power',
  [LinkDown.contained]: 'containment',
};

/**
 * Holds the secondary side of `bridge` down for `reason` (a bit of {@link LinkDown}), or lets it go. Whatever is below
 * is reset when it goes down; a reset by slot power is a cold one.
 */
export function setSecondarySide(
  bridge: PcieFunction,
  reason: number,
  down: boolean,
  context: ResetContext,
): void {
  const link = bridge.link;
  if (link === undefined) return;
  const now = context.now();
  if (down) {
    const already = (link.reasons & reason) !== 0;
    const wasUp = link.hold(reason, now);
    if (!already && (wasUp || reason === LinkDown.powerOff)) {
      const kind = reason === LinkDown.powerOff ? 'cold' : 'conventional';
      resetBelow(bridge, kind, causes[reason] as ResetCause, context);
      context.routingChanged();
    }
    return;
  }
  const held = (link.reasons & reason) !== 0;
  if (held && reason === LinkDown.reset && now - link.downSince < SHORTEST_RESET)
    context.resetTooShort(bridge);
  if (link.release(reason, now)) comeUpBelow(bridge, now);
}
