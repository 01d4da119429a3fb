import { milliseconds, type Nanoseconds } from '@quiesce/simulation';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { LinkDown } from './link-state.ts';
import type { ResetCause, ResetContext } from './reset-context.ts';
import { FUNCTION_LEVEL_RESET_TIME, RESET_HOLD_OFF } from './timing.ts';

/** Device Control bits that a function level reset leaves: Max_Payload_Size (PCIe 6.6.2). */
const DEVICE_CONTROL_KEPT = 0x00e0;
/** Link Control bits it leaves: ASPM, RCB, common clock, extended synch (PCIe 6.6.2). */
const LINK_CONTROL_KEPT = 0x00cb;

/**
 * Resets everything below `bridge`, at once: a hot reset travels through switches and bridges (PCIe 6.6.1).
 * `kind` is `cold` where power is lost.
 */
export function resetBelow(
  bridge: PcieFunction,
  kind: 'cold' | 'conventional',
  cause: ResetCause,
  context: ResetContext,
): void {
  for (const child of bridge.children) {
    resetConventionally(child, kind, cause, context);
    if (child.isBridge) resetBelow(child, kind, cause, context);
  }
}

/** The reset of everything below `bridge` ends now: silence first, then CRS until each function is ready. */
export function comeUpBelow(bridge: PcieFunction, now: Nanoseconds): void {
  for (const child of bridge.children) {
    const silentUntil = now + RESET_HOLD_OFF;
    child.readiness.silentUntil = silentUntil;
    child.readiness.readyAt = Math.max(silentUntil, readyAfter(child, now));
    if (child.isBridge) comeUpBelow(child, now);
  }
}

function resetConventionally(
  fn: PcieFunction,
  kind: 'cold' | 'conventional',
  cause: ResetCause,
  context: ResetContext,
): void {
  fn.config.file.reset(kind);
  fn.capturedBus = 0;
  if (fn.link !== undefined) {
    const up = fn.link.release(-1, context.now());
    fn.link.changed ||= up;
  }
  context.wasReset(fn, kind, cause);
  suffer(fn, cause, context);
}

/** Initiate Function Level Reset (PCIe 6.6.2). It does not touch the link, nor other functions of the device. */
export function resetFunctionLevel(fn: PcieFunction, context: ResetContext): void {
  const now = context.now();
  if (fn.engine?.transactionsPending(now) === true) context.resetWhilePending(fn);
  const { file, express } = fn.config;
  const deviceControl = express === 0 ? 0 : file.peek16(express + 0x08);
  const linkControl = express === 0 ? 0 : file.peek16(express + 0x10);
  file.reset('function-level');
  if (express !== 0) {
    merge(fn, express + 0x08, deviceControl, DEVICE_CONTROL_KEPT);
    merge(fn, express + 0x10, linkControl, LINK_CONTROL_KEPT);
  }
  if (fn.isBridge) {
    releaseSecondarySide(fn, context);
    context.routingChanged();
  }
  fn.readiness.readyAt = Math.max(now + FUNCTION_LEVEL_RESET_TIME, readyAfter(fn, now));
  context.wasReset(fn, 'function-level', 'function-level-reset');
  destroyVirtualFunctions(fn, context);
  suffer(fn, 'function-level-reset', context);
}

/** Virtual functions go with VF Enable (PCIe 9.3.3.3.1). */
export function destroyVirtualFunctions(fn: PcieFunction, context: ResetContext): void {
  for (const virtual of fn.virtualFunctions) {
    virtual.config.file.reset('conventional');
    context.wasReset(virtual, 'conventional', 'virtual-function-disable');
  }
  if (fn.virtualFunctions.length > 0) context.routingChanged();
}

/** Takes every reason off the secondary side of `bridge`; what was held in reset comes up. */
export function releaseSecondarySide(bridge: PcieFunction, context: ResetContext): void {
  const now = context.now();
  if (
    bridge.link?.release(LinkDown.reset | LinkDown.disabled | LinkDown.powerOff | LinkDown.contained, now) ===
    true
  ) {
    comeUpBelow(bridge, now);
  }
}

function readyAfter(fn: PcieFunction, now: Nanoseconds): Nanoseconds {
  return now + milliseconds(fn.description.endpoint.traits.readyAfterResetMs);
}

/** What this device's hardware makes of a reset. */
function suffer(fn: PcieFunction, cause: ResetCause, context: ResetContext): void {
  const reaction = fn.description.endpoint.traits.onReset;
  if (reaction === 'ready') return;
  fn.readiness.dead = true;
  if (reaction === 'hang-machine') context.machineHangs(fn, cause);
}

function merge(fn: PcieFunction, offset: number, old: number, kept: number): void {
  const file = fn.config.file;
  file.poke16(offset, (file.peek16(offset) & ~kept) | (old & kept));
}
