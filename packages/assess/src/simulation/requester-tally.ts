import type { ComparedRun } from '@quiesce/benchmark';
import type { FunctionFinding } from '../functions/function-findings.ts';

/** What one function did in simulated crashes, per run on average. */
export interface FunctionTally {
  readonly dmaFaults: number;
  readonly interruptFaults: number;
  readonly untranslated: number;
  /** Bytes that it wrote into memory it was not meant for. */
  readonly corruptedBytes: number;
  /** Runs in which the crash kernel's driver did not get it to work, where it has one. */
  readonly driverFailed: number;
  /** Runs in which the first kernel's driver had started it, and the crash kernel had none for it. */
  readonly undriven: number;
}

interface Sums {
  dmaFaults: number;
  interruptFaults: number;
  untranslated: number;
  corruptedBytes: number;
  driverFailed: number;
  undriven: number;
}

/** By function name; functions that did nothing of note are left out. Requests under an alias count for its first owner. */
export function functionTallies(
  runs: readonly ComparedRun[],
  functions: readonly FunctionFinding[],
): Readonly<Record<string, FunctionTally>> {
  const owners = ownersOf(functions);
  const sums = new Map<string, Sums>();
  const sumOf = (name: string): Sums => {
    let sum = sums.get(name);
    if (sum === undefined) {
      sum = {
        dmaFaults: 0,
        interruptFaults: 0,
        untranslated: 0,
        corruptedBytes: 0,
        driverFailed: 0,
        undriven: 0,
      };
      sums.set(name, sum);
    }
    return sum;
  };
  const ownerOf = (requester: string): string => owners.get(requester) ?? requester;
  const started = new Set(
    functions
      .filter(({ masters, simulated, driven }) => masters && simulated && driven.firstKernel)
      .map(({ name }) => name),
  );
  let ended = 0;
  for (const { outcome } of runs) {
    if (outcome === null) continue;
    ended++;
    for (const [requester, { total }] of Object.entries(outcome.dmaFaults.byRequester)) {
      sumOf(ownerOf(requester)).dmaFaults += total;
    }
    for (const [requester, { total }] of Object.entries(outcome.interruptFaults.byRequester)) {
      sumOf(ownerOf(requester)).interruptFaults += total;
    }
    for (const [requester, total] of Object.entries(outcome.untranslated.byRequester)) {
      sumOf(ownerOf(requester)).untranslated += total;
    }
    for (const { requester, bytes } of outcome.corruption) sumOf(ownerOf(requester)).corruptedBytes += bytes;
    for (const [short, verdict] of Object.entries(outcome.devices)) {
      // Outcomes leave segment 0 out.
      const name = short.split(':').length === 2 ? `0000:${short}` : short;
      if (verdict === 'failed' || verdict === 'lost') sumOf(name).driverFailed++;
      if (verdict === 'no-driver' && started.has(name)) sumOf(name).undriven++;
    }
  }
  const share = (value: number): number => Math.round((value / Math.max(1, ended)) * 10) / 10;
  return Object.fromEntries(
    [...sums].map(([name, sum]): [string, FunctionTally] => [
      name,
      {
        dmaFaults: share(sum.dmaFaults),
        interruptFaults: share(sum.interruptFaults),
        untranslated: share(sum.untranslated),
        corruptedBytes: share(sum.corruptedBytes),
        driverFailed: sum.driverFailed,
        undriven: sum.undriven,
      },
    ]),
  );
}

/** By requester ID as an outcome writes it: with the segment in front if it is not 0. */
function ownersOf(functions: readonly FunctionFinding[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { name, requesterIds } of functions) {
    const segment = name.slice(0, name.indexOf(':'));
    for (const id of requesterIds) {
      const key = /^0+$/.test(segment) ? id : `${segment}:${id}`;
      if (!owners.has(key) || id === requesterIds[0]) owners.set(key, name);
    }
  }
  return owners;
}
