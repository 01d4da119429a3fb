import {
  functionName,
  type Machine,
  parseFunctionName,
  requesterIdOf,
  requesterName,
  reservedMemoryOf,
  unitOfRequester,
} from '@quiesce/machine';
import type { Diagnosis, LoggedRequester, RequesterTie } from '../diagnosis.ts';
import { behindBridge } from './bridge-alias.ts';
import { CapturedFunctions } from './captured-functions.ts';
import { type MissingSender, missingFunction } from './missing-function.ts';
import { phantomFunctions } from './phantom-function.ts';
import { platformRequesters } from './platform-requester.ts';
import type { Sender } from './senders.ts';
import { virtualFunctions } from './virtual-function.ts';
import { numberedBehindVmd, vmdChildren } from './vmd-children.ts';

/** A log names this many different requesters at most before further ones are left out. */
const MOST_TIES = 256;

/**
 * Says for every requester ID of a log's faults which functions of a captured machine may have sent under it: the function
 * itself, those behind a bridge, a phantom function, an interrupt controller, a virtual function, or none. What is not
 * certain is listed as candidates, never as a function.
 */
export function tieRequesters(diagnosis: Pick<Diagnosis, 'faults'>, machine: Machine): RequesterTie[] {
  const source = new CapturedFunctions(machine);
  const ties = new Map<string, RequesterTie>();
  const faults = [...diagnosis.faults.groups.map((group) => group.example), ...diagnosis.faults.first];
  for (const { requester } of faults) {
    if (requester === undefined || ties.size >= MOST_TIES) continue;
    const shown = shownRequester(requester);
    if (!ties.has(shown)) ties.set(shown, tieOf(source, requester, shown));
  }
  return [...ties.values()];
}

/** As the log prints it: with its segment only where the log has one. */
export function shownRequester(requester: LoggedRequester): string {
  if (requester.segment !== undefined) return functionName({ ...requester, segment: requester.segment });
  return requesterName(requesterIdOf({ ...requester, segment: 0 }));
}

function tieOf(source: CapturedFunctions, requester: LoggedRequester, shown: string): RequesterTie {
  const { machine, scopes } = source;
  const requesterId = requesterIdOf({ ...requester, segment: 0 });
  const segments = requester.segment === undefined ? source.segments : [requester.segment];
  const found = segments.flatMap((segment) => {
    const sender = senderIn(source, segment, requesterId);
    return sender === undefined ? [] : [{ segment, sender }];
  });
  if (found.length === 0) {
    for (const sender of numberedBehindVmd(source, requesterId))
      found.push({ segment: segments[0] ?? 0, sender });
  }
  const [best] = found;
  const where = found.length > 0 ? found.map((one) => one.segment) : segments;
  // A virtual function is behind the unit of its physical one (VT-d 8.3, as Linux reads it).
  const covered = (best?.sender.how === 'virtual-function' && ownerOf(best.sender)) || requesterId;
  const units = where.flatMap((segment) => unitOfRequester(machine, scopes, segment, covered)?.name ?? []);
  const reserved = where.flatMap((segment) =>
    reservedMemoryOf(scopes, segment, covered).map(
      ({ memory: { base, limit } }) => `0x${base.toString(16)}-0x${limit.toString(16)}`,
    ),
  );
  const rest = {
    ...(units.length > 0 ? { units: [...new Set(units)] } : {}),
    ...(reserved.length > 0 ? { reservedRegions: [...new Set(reserved)] } : {}),
  };
  if (best === undefined) {
    const missing: MissingSender = missingFunction(source, segments[0] ?? 0, requesterId);
    return { requester: shown, ...missing, candidates: missing.candidates.slice(0, 16), ...rest };
  }
  const functions = [...new Set(found.flatMap((one) => one.sender.functions))];
  const candidates = [...new Set(found.flatMap((one) => one.sender.candidates ?? []))];
  const segmentDoubt =
    found.length > 1
      ? `; the line names no segment, and ${found.length} segments have such a requester: only the unit that a DRHD line stands for could tell`
      : '';
  return {
    requester: shown,
    functions,
    how: best.sender.how,
    explanation: found.map((one) => one.sender.explanation).join('; ') + segmentDoubt,
    ...(functions.length > 0 || candidates.length === 0 ? {} : { candidates }),
    ...rest,
  };
}

function ownerOf({ functions: [name = ''] }: Sender): number | undefined {
  const place = parseFunctionName(name);
  return place === undefined ? undefined : requesterIdOf(place);
}

/** The most particular of what is known; others are added to its explanation. */
function senderIn(source: CapturedFunctions, segment: number, requesterId: number): Sender | undefined {
  const own = source.at(segment, requesterId);
  const others = [
    ...vmdChildren(source, segment, requesterId),
    ...behindBridge(source, segment, requesterId),
    ...platformRequesters(source, segment, requesterId),
    ...phantomFunctions(source, segment, requesterId),
    ...(own === undefined ? virtualFunctions(source, segment, requesterId) : []),
  ];
  const [first] = others;
  if (own === undefined) return first === undefined ? undefined : merged(first, others);
  if (first === undefined || first.how === 'phantom-function') {
    const also = others.map((one) => `; ${one.explanation}`).join('');
    return {
      how: 'itself',
      functions: [own.name, ...others.flatMap((one) => one.functions)],
      explanation: `${own.name} ${own.label}${also}`,
    };
  }
  const rest = merged(first, others);
  return { ...rest, functions: [...new Set([own.name, ...rest.functions])] };
}

function merged(first: Sender, all: readonly Sender[]): Sender {
  return {
    how: first.how,
    functions: [...new Set(all.flatMap((one) => one.functions))],
    explanation: all.map((one) => one.explanation).join('; '),
    candidates: all.flatMap((one) => one.candidates ?? []),
  };
}
