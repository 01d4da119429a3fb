import { dmaAliasesOf, requesterName } from '@quiesce/machine';
import { CapabilityId, PortType } from '@quiesce/pcie-model';
import { configBytes, rule, type Statement } from './evidence.ts';
import type { MachineView, ViewedFunction } from './machine-view.ts';

/** Requester IDs under which requests of a function arrive, and why there are others than its own. */
export interface RequesterIds {
  /** `04:00.0`, its own first. */
  readonly all: readonly string[];
  readonly statements: readonly Statement[];
}

/** Its own ID, those that bridges put in its place, those that it uses by a defect, and phantom functions. */
export function requesterIdsOf(view: MachineView, one: ViewedFunction): RequesterIds {
  const statements: Statement[] = [];
  const own = requesterName(one.requesterId);
  if (one.config.isAbsent) return { all: [own], statements };
  const all = [own];
  if (one.host !== undefined) {
    all.push(requesterName(one.host.requesterId));
    statements.push({
      topic: 'alias',
      severity: 'note',
      text: `Its requests arrive as ${requesterName(one.host.requesterId)}: ${one.host.name} carries its whole PCI domain.`,
      evidence: [
        configBytes(one.host, 0, 4, 'a Volume Management Device'),
        rule(
          'drivers/pci/controller/vmd.c',
          'DMA of the domain is mapped for, and sent by, the device itself',
        ),
      ],
    });
  }
  const aliases = [...view.topology.aliases(one.segment, one.requesterId)].map(requesterName);
  if (aliases.length > 0) {
    all.push(...aliases);
    const bridge = view.pathOf(one).find(({ config }) => isConventionalBelow(config.expressType));
    statements.push({
      topic: 'alias',
      severity: 'note',
      text: `Its requests may arrive as ${aliases.join(' or ')}: everything behind that bridge shares one fate.`,
      evidence: [
        ...(bridge === undefined ? [] : [configBytes(bridge, 0x18, 4, `${bridge.name}: its bus numbers`)]),
        rule(
          'PCIe-to-PCI bridge 2.3',
          'a bridge sends what comes from a conventional bus under an ID of its own',
        ),
      ],
    });
  }
  for (const { requesterId, family } of dmaAliasesOf(one, one.config)) {
    all.push(requesterName(requesterId));
    statements.push(knownAlias(one, requesterName(requesterId), family));
  }
  const phantom = phantomFunctions(one);
  if (phantom !== undefined) statements.push(phantom);
  return { all: [...new Set(all)], statements };
}

function isConventionalBelow(expressType: number | undefined): boolean {
  return expressType === undefined || expressType === PortType.toPciBridge;
}

function knownAlias(one: ViewedFunction, alias: string, family: string): Statement {
  return {
    topic: 'alias',
    severity: 'note',
    text: `It also sends as ${alias}, which is the number of another function: a kernel whose list of such devices lacks it has no entry for what it sends.`,
    evidence: [
      configBytes(one, 0, 4, family),
      rule('drivers/pci/quirks.c', 'devices that are known to send under another number'),
    ],
  };
}

function phantomFunctions(one: ViewedFunction): Statement | undefined {
  const at = one.config.capability(CapabilityId.express);
  if (at === 0 || (one.config.u16(at + 8) & 0x200) === 0) return undefined;
  return {
    topic: 'alias',
    severity: 'warning',
    text: 'It may also send under function numbers that do not exist (phantom functions).',
    evidence: [
      configBytes(one, at + 8, 2, 'Phantom Functions Enable (bit 9) is set'),
      rule('PCIe 7.5.3.3', 'phantom functions borrow unused function numbers for tags'),
    ],
  };
}
