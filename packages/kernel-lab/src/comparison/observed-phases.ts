import { type DevicePhase, type LabPhase, labPhases } from '../account/account.ts';

type Phases<Value> = Readonly<Partial<Record<LabPhase, Value>>>;

/**
 * What a device did, told in the phases that an observer could tell apart: where the observer has no entry for a phase, what
 * happened in it counts for the phase before, as it did for the observer.
 * @param reached the last phase that whoever wrote `phases` came to
 * @param observedUntil the last phase that the observer came to
 * @returns nothing of phases that began after either
 */
export function inPhasesOf(
  phases: Phases<DevicePhase>,
  observed: Phases<unknown>,
  reached: LabPhase,
  observedUntil: LabPhase,
): Partial<Record<LabPhase, DevicePhase>> {
  const result: Partial<Record<LabPhase, DevicePhase>> = {};
  const last = Math.min(labPhases.indexOf(reached), labPhases.indexOf(observedUntil));
  let open: LabPhase | undefined;
  for (const [index, phase] of labPhases.entries()) {
    if (index > last) break;
    const own = phases[phase];
    if (observed[phase] !== undefined || open === undefined) {
      open = phase;
      result[phase] = own ?? { faults: 0, reasons: [] };
    } else if (own !== undefined) {
      const so = result[open] as DevicePhase;
      const reasons = [...new Set([...so.reasons, ...own.reasons])].sort((a, b) => a - b);
      result[open] = { ...so, faults: so.faults + own.faults, reasons };
    }
  }
  return result;
}
