import { requesterName } from '@quiesce/machine';
import type { CapturedFunction, CapturedFunctions } from './captured-functions.ts';
import { fewOf, type Sender } from './senders.ts';

const PCI_TO_PCIE_BRIDGE = 8;

/**
 * Functions behind a bridge that takes ownership of their requests (PCI Express to PCI/PCI-X Bridge Specification 1.0): conventional
 * requests carry no requester ID, so the bridge gives them device 0, function 0 of its secondary bus, or its own.
 */
export function behindBridge(source: CapturedFunctions, segment: number, requesterId: number): Sender[] {
  const senders: Sender[] = [];
  for (const { bridge, below } of source.bridges) {
    if (bridge.place.segment !== segment) continue;
    if (!aliasesOf(source, bridge, below.first).includes(requesterId)) continue;
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

function aliasesOf(source: CapturedFunctions, bridge: CapturedFunction, secondary: number): number[] {
  if (source.topology.isExpressToConventional(bridge.place.segment, secondary))
    return [secondary << 8, bridge.requesterId];
  return [undefined, PCI_TO_PCIE_BRIDGE].includes(bridge.config.expressType) ? [bridge.requesterId] : [];
}
