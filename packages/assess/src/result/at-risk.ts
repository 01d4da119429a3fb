import type { Machine } from '@quiesce/machine';
import type { Finding } from '@quiesce/report';
import { describeDumps } from '../advice/describe-gain.ts';
import type { FunctionFinding } from '../functions/function-findings.ts';
import { namedFew } from '../functions/named-few.ts';
import type { Tally } from '../simulation/tally.ts';

/** A statement names no more functions than these. */
const MOST_NAMES = 5;

/** Fewer faults than these come with drivers that start, and harm nobody. */
const FLOOD = 100;

/** What no advice takes away: what stays in simulated crashes, and what is not simulated at all. */
export function atRisk(
  machine: Machine,
  functions: readonly FunctionFinding[],
  best: { readonly tally: Tally; readonly advice: string } | undefined,
): Finding[] {
  return [
    ...remaining(best),
    ...unsimulated(functions),
    ...firmware(functions),
    ...unreachable(functions),
    ...assumed(machine),
  ];
}

function remaining(best: { readonly tally: Tally; readonly advice: string } | undefined): Finding[] {
  if (best === undefined || best.tally.ended === 0) return [];
  const { tally, advice } = best;
  const allTrue = tally.trueDumps.times === tally.trueDumps.of;
  if (allTrue && tally.dmaFaults.most < FLOOD) return [];
  const low = Math.floor(tally.trueDumps.low * 100);
  return [
    {
      severity: tally.dumps.times < tally.dumps.of ? 'critical' : allTrue ? 'note' : 'warning',
      title: `With ${advice}: ${describeDumps(tally)}`,
      text: `Up to ${tally.dmaFaults.most} DMA faults and ${tally.changedPages.most} changed pages of the dump in one crash.`,
      evidence: [
        { source: 'simulated', text: `a true dump in ${low} % of crashes or more, with 95 % confidence` },
      ],
    },
  ];
}

function unsimulated(functions: readonly FunctionFinding[]): Finding[] {
  const those = functions.filter(({ masters, simulated }) => masters && !simulated);
  if (those.length === 0) return [];
  const driven = those.filter((one) => one.driven.firstKernel);
  return [
    {
      severity: 'note',
      title: `${those.length} functions master the bus and are not simulated`,
      text: `${fewOf(those.map(({ name, className }) => `${name} ${className}`))}: the model has no engine of their kinds. ${driven.length} of them have a driver in production.`,
      evidence: those
        .slice(0, 3)
        .map(({ name }) => ({ source: `config ${name} +0x04`, text: 'Bus Master Enable is set' })),
    },
  ];
}

function firmware(functions: readonly FunctionFinding[]): Finding[] {
  const those = functions.filter(({ statements }) => statements.some(({ topic }) => topic === 'rmrr'));
  if (those.length === 0) return [];
  return [
    {
      severity: 'warning',
      title: `Firmware may use ${fewOf(those.map(({ name, className }) => `${name} (${className})`))}`,
      text: 'Reserved memory is named for them: a reset, or tables without that memory, can break what firmware does with them.',
      evidence: those
        .flatMap(({ statements }) =>
          statements.filter(({ topic }) => topic === 'rmrr').flatMap(({ evidence }) => evidence.slice(0, 1)),
        )
        .slice(0, 4),
    },
  ];
}

/** USB controllers apart: the crash kernel halts them by itself. */
function unreachable(functions: readonly FunctionFinding[]): Finding[] {
  const those = functions.filter(
    ({ masters, resets, driven, handedOff }) =>
      masters && driven.firstKernel && resets.length === 0 && !handedOff,
  );
  if (those.length === 0) return [];
  return [
    {
      severity: 'note',
      title:
        those.length === 1
          ? '1 busy function is out of reach of any reset'
          : `${those.length} busy functions are out of reach of any reset`,
      text: `${fewOf(those.map(({ name, className }) => `${name} ${className}`))}: ${those.length === 1 ? 'only its own driver can stop it' : 'only their own drivers can stop them'}.`,
      evidence: [
        {
          source: 'PCIe 6.6.1, 6.6.2',
          text: 'integrated into the root complex, without function level reset',
        },
      ],
    },
  ];
}

function assumed(machine: Machine): Finding[] {
  const platform = machine.inferred.find(({ path }) => path === '/platform');
  if (platform === undefined) return [];
  return [
    {
      severity: 'note',
      title: 'How the chipset takes errors is not known',
      text: 'One workload is simulated on a platform that takes them for fatal; the others on one that shrugs them off.',
      evidence: [{ source: 'inferred', text: platform.reason }],
    },
  ];
}

function fewOf(names: readonly string[]): string {
  return namedFew(names, MOST_NAMES);
}
