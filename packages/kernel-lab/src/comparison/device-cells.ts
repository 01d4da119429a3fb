import type { DeviceAccount, DevicePhase, LabPhase, RunAccount } from '../account/account.ts';
import { labPhases } from '../account/account.ts';
import type { Prediction } from '../prediction/predict.ts';
import { type CellCounts, type ComparedCell, cellOf } from './compared-cell.ts';
import { inPhasesOf } from './observed-phases.ts';

const NOTHING: DeviceAccount = { name: '', phases: {}, verdict: 'no-driver' };

/** Phase by phase, what each device did, and what became of it. */
export function deviceCells(predictions: readonly Prediction[], observed: RunAccount): ComparedCell[] {
  const names = new Set(observed.devices.map(({ name }) => name));
  for (const { account } of predictions) for (const { name } of account.devices) names.add(name);
  return [...names].sort().flatMap((name) => cellsOfDevice(name, predictions, observed));
}

function cellsOfDevice(
  name: string,
  predictions: readonly Prediction[],
  observed: RunAccount,
): ComparedCell[] {
  const seen = observed.devices.find((one) => one.name === name);
  const told = predictions.map(({ account }) => account.devices.find((one) => one.name === name));
  // A requester that one of them never heard of did nothing there.
  const phases =
    seen?.phases ?? Object.fromEntries(phasesUntil(observed.reached).map((one) => [one, nothing()]));
  const predicted = predictions.map(({ account }, index) =>
    inPhasesOf((told[index] ?? NOTHING).phases, phases, account.reached, observed.reached),
  );
  const cells: ComparedCell[] = [];
  for (const phase of phasesUntil(observed.reached)) {
    const there = phases[phase];
    if (there === undefined) continue;
    const each = predicted.map((one) => one[phase]);
    cells.push(faultCell(name, phase, each, there));
    const reasons = reasonCell(name, phase, each, there, predictions);
    if (reasons !== undefined) cells.push(reasons);
    if (there.command === undefined && each.every((one) => one?.command === undefined)) continue;
    cells.push(
      cellOf(
        { kind: 'command', subject: name, phase },
        each.map((one) => hex(one?.command)),
        hex(there.command),
      ),
    );
  }
  const known = told.some((one) => one !== undefined) && seen !== undefined;
  if (known) {
    cells.push(
      cellOf(
        { kind: 'verdict', subject: name, phase: null },
        told.map((one) => one?.verdict),
        seen.verdict,
      ),
    );
  }
  return cells;
}

function faultCell(
  subject: string,
  phase: LabPhase,
  predicted: readonly (DevicePhase | undefined)[],
  observed: DevicePhase,
): ComparedCell {
  const said = (one: DevicePhase): string => (one.faults > 0 ? 'faults' : 'none');
  const values = predicted.map((one) => (one === undefined ? undefined : said(one)));
  const counts = countsOf(predicted, observed);
  return cellOf({ kind: 'faults', subject, phase }, values, said(observed), { counts });
}

/** Every reason that was seen has to be among the predicted ones; chance decides which of them a short phase shows. */
function reasonCell(
  subject: string,
  phase: LabPhase,
  predicted: readonly (DevicePhase | undefined)[],
  observed: DevicePhase,
  predictions: readonly Prediction[],
): ComparedCell | undefined {
  const told = predicted.flatMap((one) => (one === undefined || one.faults === 0 ? [] : [one.reasons]));
  if (told.length === 0 || observed.faults === 0) return undefined;
  const all = new Set(told.flat());
  const via = chainOf(subject, [...all], predictions);
  return cellOf(
    { kind: 'reasons', subject, phase },
    told.map(reasonsText),
    reasonsText(observed.reasons),
    via === undefined ? {} : { via },
    () => observed.reasons.every((reason) => all.has(reason)),
  );
}

/** `5 6`; hexadecimal above 9, as fault reasons are written. */
export function reasonsText(reasons: readonly number[]): string {
  return reasons.map((one) => (one < 10 ? `${one}` : `0x${one.toString(16)}`)).join(' ');
}

/** The model's chain of the first such fault. */
export function chainOf(
  name: string,
  reasons: readonly number[],
  predictions: readonly Prediction[],
): string | undefined {
  const requester = name.startsWith('0000:') ? name.slice(5) : name;
  for (const { via } of predictions) {
    for (const reason of reasons) {
      const chain = via[requester]?.[reason];
      if (chain !== undefined) return chain;
    }
  }
  return undefined;
}

function countsOf(predicted: readonly (DevicePhase | undefined)[], observed: DevicePhase): CellCounts {
  const counts = predicted.flatMap((one) => (one === undefined ? [] : [one.faults])).sort((a, b) => a - b);
  return { predicted: counts[counts.length >> 1] ?? 0, observed: observed.faults };
}

function phasesUntil(reached: LabPhase): LabPhase[] {
  return labPhases.slice(0, labPhases.indexOf(reached) + 1);
}

function nothing(): DevicePhase {
  return { faults: 0, reasons: [] };
}

function hex(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `0x${value.toString(16).padStart(4, '0')}`;
}
