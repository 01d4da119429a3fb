import type { HostFacts, Machine } from '@quiesce/machine';
import { rule } from '../functions/evidence.ts';
import type { FunctionFinding } from '../functions/function-findings.ts';
import { sameDriver } from '../simulation/workloads.ts';
import type { Candidate } from './candidate.ts';

const MOST_TARGETS = 3;
const modelled: readonly string[] = ['ahci', 'nvme', 'mpt', 'network-ring'];

/** Other functions that the dump could be written to, one of each driver. */
export function dumpTargetCandidates(
  machine: Machine,
  host: Pick<HostFacts, 'drivers'>,
  functions: readonly FunctionFinding[],
): Candidate[] {
  const target = machine.functions.find(({ name }) => name === machine.dumpTarget);
  const found: Candidate[] = [];
  const seen = target === undefined ? [] : [target];
  for (const one of machine.functions) {
    const finding = functions.find(({ name }) => name === one.name);
    if (finding === undefined || !finding.masters || !one.driver.first) continue;
    if (!modelled.includes(one.endpoint.kind) || seen.some((other) => sameDriver(one, other, host))) continue;
    seen.push(one);
    if (found.length === MOST_TARGETS) break;
    const isNetwork = one.endpoint.kind === 'network-ring';
    found.push({
      id: `dump-target:${one.name}`,
      kind: 'dump-target',
      topic: 'Write the dump through another device',
      title: `Write the dump through ${one.name} (${finding.className}) instead`,
      text: isNetwork
        ? 'A dump over the network needs that device alone, and its driver resets it before the dump begins.'
        : 'Another controller takes the dump.',
      commands: [
        isNetwork
          ? '/etc/kdump.conf: ssh USER@HOST (or nfs HOST:PATH)'
          : '/etc/kdump.conf: path on a file system of that controller',
      ],
      evidence: [
        rule(`config ${one.name} +0x04`, 'it masters the bus, and has a driver in the first kernel'),
      ],
      change: (setup) => ({ ...setup, machine: { ...setup.machine, dumpTarget: one.name } }),
    });
  }
  return found;
}
