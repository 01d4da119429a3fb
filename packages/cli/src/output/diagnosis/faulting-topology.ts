import type { Diagnosis } from '@quiesce/diagnose';
import {
  CapturedTopology,
  type FunctionPlace,
  hexToBytes,
  type ImportedCapture,
  type MachineFunction,
  parseFunctionName,
} from '@quiesce/machine';
import type { ReportSection, TopologyNode } from '@quiesce/report';
import { countOf } from '../quantity.ts';
import { requesterWords } from './fault-words.ts';

interface Placed {
  readonly name: string;
  readonly place: FunctionPlace;
  readonly label: string;
  /** Its class, as lspci says it. */
  readonly kind: string;
  readonly isBridge: boolean;
}

const LONGEST_LABEL = 48;

/** Where on the machine the functions stand that faulted, with the bridges above them; nothing without a capture. */
export function faultingTopology(
  diagnosis: Diagnosis,
  capture: ImportedCapture | undefined,
): ReportSection[] {
  const functions = capture?.machine?.functions ?? [];
  const counts = faultsByFunction(diagnosis);
  if (counts.size === 0 || functions.length === 0) return [];
  const placed = functions.flatMap(placedFunction);
  const parents = parentsOf(functions, placed);
  const shown = new Set<string>();
  for (const name of counts.keys()) {
    for (let at: string | undefined = name; at !== undefined && !shown.has(at); at = parents.get(at))
      shown.add(at);
  }
  const node = (one: Placed): TopologyNode => {
    const hit = counts.get(one.name);
    return {
      id: one.name,
      label: `${one.name.replace(/^0000:/, '')} ${one.label}`,
      kind: one.kind,
      ...(hit === undefined ? {} : { severity: hit.certain ? 'critical' : 'warning' }),
      ...(hit?.unit === undefined ? {} : { unit: hit.unit }),
      marks: hit === undefined ? [] : [hit.certain ? countOf(hit.count, 'fault') : 'perhaps'],
      details: hit?.details ?? [],
      children: placed
        .filter((child) => shown.has(child.name) && parents.get(child.name) === one.name)
        .map(node),
    };
  };
  const tops = placed.filter((one) => shown.has(one.name) && parents.get(one.name) === undefined);
  const roots = [...new Set(tops.map(rootOf))].map((root): TopologyNode => {
    const children = tops.filter((one) => rootOf(one) === root).map(node);
    return { id: root, label: root, kind: 'root bus', marks: [], details: [], children };
  });
  if (roots.length === 0) return [];
  return [{ title: 'Where the faults come from', blocks: [{ kind: 'topology', roots }] }];
}

interface Hit {
  count: number;
  /** One function stands behind the requester ID, and no other can. */
  readonly certain: boolean;
  readonly unit: string | undefined;
  readonly details: string[];
}

function faultsByFunction(diagnosis: Diagnosis): Map<string, Hit> {
  const hits = new Map<string, Hit>();
  for (const tie of diagnosis.ties) {
    const count = diagnosis.faults.groups
      .filter((group) => requesterWords(group.example.requester) === tie.requester)
      .reduce((sum, group) => sum + group.count, 0);
    const certain = tie.functions.length === 1;
    const names = tie.functions.length > 0 ? tie.functions : (tie.candidates ?? []);
    for (const name of names.slice(0, 16)) {
      const hit = hits.get(name);
      if (hit === undefined)
        hits.set(name, { count, certain, unit: tie.units?.[0], details: [tie.explanation] });
      else {
        hit.count += count;
        hit.details.push(tie.explanation);
      }
    }
  }
  return hits;
}

function placedFunction(one: MachineFunction): Placed[] {
  const place = parseFunctionName(one.name);
  if (place === undefined) return [];
  const headerType = Number.parseInt(one.config.slice(28, 30), 16) & 0x7f;
  const isBridge = headerType === 1;
  const words = /^([^:[]{1,60}?)(?: \[[0-9a-f]{4}\])?: (.+)$/.exec(one.label ?? '');
  const kind = words?.[1] ?? (isBridge ? 'bridge' : 'function');
  const label = words?.[2] ?? one.label ?? '';
  const short = label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
  return [{ name: one.name, place, label: short, kind, isBridge }];
}

/** The bridge above each function, by the bus numbers that were captured. */
function parentsOf(functions: readonly MachineFunction[], placed: readonly Placed[]): Map<string, string> {
  const configs = new Map(functions.map((one) => [one.name, hexToBytes(one.config) ?? new Uint8Array()]));
  const topology = new CapturedTopology(
    placed.map((one) => ({ ...one.place, bytes: configs.get(one.name) ?? new Uint8Array() })),
  );
  const above = new Map<string, string>();
  for (const bridge of placed) {
    const { segment, bus, device, fn } = bridge.place;
    const below = bridge.isBridge ? topology.busesBelow(segment, bus, device, fn) : undefined;
    if (below !== undefined && below.first > bus) above.set(`${segment}:${below.first}`, bridge.name);
  }
  return new Map(
    placed.flatMap(({ name, place }) => {
      const parent = above.get(`${place.segment}:${place.bus}`);
      return parent === undefined ? [] : [[name, parent] as const];
    }),
  );
}

function rootOf({ name }: Placed): string {
  return name.slice(0, name.lastIndexOf(':'));
}
