import { powerManagement } from '../config-space/power-management.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { ResetContext } from './reset-context.ts';
import { destroyVirtualFunctions, releaseSecondarySide } from './reset-function.ts';
import { D3HOT_RECOVERY } from './timing.ts';

const D3HOT = 3;
const field = powerManagement.field;

/**
 * Software wrote PowerState. A state that the function does not support is not taken (PCIe 7.5.2.2). Leaving D3hot
 * for D0 resets the function unless it promises No_Soft_Reset, and takes 10 ms either way (PCIe 5.9).
 */
export function leaveOrEnterPowerState(fn: PcieFunction, previous: number, context: ResetContext): void {
  const { config } = fn;
  const at = config.powerManagement;
  const wanted = config.get(field['CONTROL_STATUS.POWER_STATE'], at);
  if (wanted === previous) return;
  const unsupported =
    (wanted === 1 && config.get(field['CAPABILITIES.D1_SUPPORT'], at) === 0) ||
    (wanted === 2 && config.get(field['CAPABILITIES.D2_SUPPORT'], at) === 0) ||
    (previous === D3HOT && wanted !== 0);
  if (unsupported) {
    config.set(field['CONTROL_STATUS.POWER_STATE'], previous, at);
    return;
  }
  if (previous !== D3HOT) return;
  fn.readiness.silentUntil = Math.max(fn.readiness.silentUntil, context.now() + D3HOT_RECOVERY);
  if (config.get(field['CONTROL_STATUS.NO_SOFT_RESET'], at) === 1) return;
  config.file.reset('conventional');
  releaseSecondarySide(fn, context);
  destroyVirtualFunctions(fn, context);
  context.routingChanged();
  context.wasReset(fn, 'function-level', 'power-state');
}
