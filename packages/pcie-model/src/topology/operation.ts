import type { Nanoseconds } from '@quiesce/simulation';
import { virtualFunctionExists } from './bus-routing.ts';
import type { PcieFunction } from './pcie-function.ts';

/** Power state of the function: 0 D0 .. 3 D3hot (PCIe 7.5.2.2). */
export function powerState(fn: PcieFunction): number {
  const at = fn.config.powerManagement;
  return at === 0 ? 0 : fn.config.file.peek8(at + 4) & 3;
}

/** Every bridge above passes requests on: awake, out of reset, its link up. */
export function isReachable(fn: PcieFunction, now: Nanoseconds): boolean {
  for (let bridge = fn.parent; bridge !== undefined; bridge = bridge.parent) {
    if (bridge.link?.isDown === true || !answers(bridge, now) || powerState(bridge) !== 0) return false;
  }
  return true;
}

/** The function can make and answer requests of every kind. */
export function isOperational(fn: PcieFunction, now: Nanoseconds): boolean {
  if (!answers(fn, now) || powerState(fn) !== 0) return false;
  const physical = fn.physicalFunction;
  if (physical !== undefined && (!virtualFunctionExists(fn) || !answers(physical, now))) return false;
  return isReachable(fn, now);
}

function answers(fn: PcieFunction, now: Nanoseconds): boolean {
  const readiness = fn.readiness;
  return !readiness.dead && now >= readiness.silentUntil && now >= readiness.readyAt;
}
