import { isExpressBridgeWithoutCapability, requesterName } from '@quiesce/machine';
import type { CapturedFunction, CapturedFunctions } from './captured-functions.ts';
import { fewOf, type Sender } from './senders.ts';

const PCIE_TO_PCI_BRIDGE = 7;
const PCI_TO_PCIE_BRIDGE = 8;

/**
 * Functions behind a bridge that takes ownership of their requests (PCI Express to PCI/PCI-X Bridge Specification 1.0): conventional
 * requests carry no requester ID, so the bridge gives them device 0, function 0 of its secondary bus, or its own.
 */
export function behindBridge(source: CapturedFunctions, segment: number, requesterId: number): Sender[] {
  const senders: Sender[] = [];
  for (const { bridge, below } of source.bridges) {
    if (bridge.place.segment !== segment) continue;
    if (!aliasesOf(bridge, below.first).includes(requesterId)) continue;
    const behind = source.onBuses(segment, below.first, below.last).map((one) => one.name);
    const kind =
      bridge.config.expressType === undefined ? 'the conventional bridge' : 'the PCIe-to-PCI bridge';
    const under =
      requesterId === bridge.requesterId
        ? 'its own requester ID'
        : `requester ID ${requesterName(requesterId)} of its secondary bus`;
    const whom =
      behind.length === 0
        ? 'the capture has no function behind it'
        : `the log cannot tell which of them it was: ${fewOf(behind)}`;
    senders.push({
      how: 'bridge-alias',
      functions: behind,
      ...(behind.length > 0 ? {} : { candidates: [bridge.name] }),
      explanation: `${kind} ${bridge.name} passes requests from behind it on under ${under}; ${whom}`,
    });
  }
  return senders;
}

function aliasesOf(bridge: CapturedFunction, secondary: number): number[] {
  const type = bridge.config.expressType;
  const secondaryId = secondary << 8;
  if (type === PCIE_TO_PCI_BRIDGE) return [secondaryId, bridge.requesterId];
  if (type === PCI_TO_PCIE_BRIDGE) return [bridge.requesterId];
  if (type !== undefined) return [];
  return isExpressBridgeWithoutCapability(bridge.config)
    ? [secondaryId, bridge.requesterId]
    : [bridge.requesterId];
}
