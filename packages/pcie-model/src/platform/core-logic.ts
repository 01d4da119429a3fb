import { CORE_LOGIC_MASK, coreLogicErrorMask, hasCoreLogicMask } from '../config-space/core-logic-mask.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { Escalation, PlatformDescription } from './platform-description.ts';

const mask = coreLogicErrorMask.field['VTUNCERRMSK.REMAPPING_FAULTS'];

/** The platform as its registers have it now: remapping faults that are masked there end in nothing. */
export class CoreLogic implements PlatformDescription {
  readonly systemError: Escalation;
  readonly masterAbortIsSystemError: boolean;
  readonly #remappingFault: Escalation;
  /** Functions with the mask register; none on most machines. */
  readonly #masks: readonly PcieFunction[];

  constructor(platform: PlatformDescription, functions: readonly PcieFunction[]) {
    this.systemError = platform.systemError;
    this.masterAbortIsSystemError = platform.masterAbortIsSystemError;
    this.#remappingFault = platform.remappingFault;
    this.#masks = functions.filter((fn) => hasCoreLogicMask(fn.description.config));
  }

  /** Reported unless every I/O hub masks it. */
  get remappingFault(): Escalation {
    const masks = this.#masks;
    if (masks.length === 0) return this.#remappingFault;
    for (const fn of masks) {
      if (fn.config.get(mask, CORE_LOGIC_MASK) === 0) return this.#remappingFault;
    }
    return 'none';
  }
}
