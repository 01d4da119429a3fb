import { advancedFeaturesReset } from '../config-space/advanced-features.ts';
import { CapabilityId } from '../config-space/capability-id.ts';
import { functionLevelReset } from '../config-space/express-device.ts';
import { linkDisable } from '../config-space/express-link.ts';
import { slotPower } from '../config-space/express-port.ts';
import { downstreamPortContainment } from '../config-space/port-containment.ts';
import { singleRootIoVirtualization } from '../config-space/virtualization.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { setSecondarySide } from './link-control.ts';
import { LinkDown } from './link-state.ts';
import { leaveOrEnterPowerState } from './power-state.ts';
import type { ResetContext } from './reset-context.ts';
import { destroyVirtualFunctions, resetFunctionLevel } from './reset-function.ts';
import { LINK_UP_TIME } from './timing.ts';

const COMMAND = 0x04;
const BUS_NUMBERS = 0x18;
const INTERRUPT_AND_BRIDGE_CONTROL = 0x3c;
const SECONDARY_BUS_RESET = 0x40;
const LINK_ACTIVE = 1 << 13;
const TRANSACTIONS_PENDING = 1 << 5;

/** Makes the registers of `fn` do what their bits say: resets, link, power, virtual functions. */
export function wireResets(fn: PcieFunction, context: ResetContext): void {
  const { file, express, powerManagement } = fn.config;
  file.onWrite(COMMAND, 32, (_offset, _written, previous) => {
    const current = file.peek16(COMMAND);
    if (current !== (previous & 0xffff)) context.commandWritten(fn, previous & 0xffff, current);
  });
  if (fn.isBridge) {
    file.onWrite(BUS_NUMBERS, 32, () => context.routingChanged());
    file.onWrite(INTERRUPT_AND_BRIDGE_CONTROL, 32, () => {
      const asserted = (file.peek8(0x3e) & SECONDARY_BUS_RESET) !== 0;
      setSecondarySide(fn, LinkDown.reset, asserted, context);
    });
  }
  if (powerManagement !== 0) {
    file.onWrite(powerManagement + 4, 32, (_offset, _written, previous) => {
      leaveOrEnterPowerState(fn, previous & 3, context);
    });
  }
  if (express !== 0) wireExpress(fn, express, context);
  const features = fn.config.findCapability(CapabilityId.advancedFeatures);
  if (features !== 0 && places(fn, features, advancedFeaturesReset)) {
    file.onWrite(features + 4, 32, (_offset, written, _previous, enabled) => {
      if ((written & enabled & 1) !== 0) resetFunctionLevel(fn, context);
    });
  }
  if (fn.config.sriov !== 0) wireVirtualFunctions(fn, context);
  if (fn.isBridge && fn.config.containment !== 0) wireContainment(fn, context);
}

function wireExpress(fn: PcieFunction, express: number, context: ResetContext): void {
  const file = fn.config.file;
  const canReset = places(fn, express, functionLevelReset);
  file.onWrite(express + 0x08, 32, (_offset, written, _previous, enabled) => {
    if (canReset && (written & enabled & 0x8000) !== 0) resetFunctionLevel(fn, context);
  });
  file.onRead(express + 0x08, 32, () => {
    const engine = fn.engine;
    if (engine === undefined) return;
    const pending = engine.transactionsPending(context.now()) ? TRANSACTIONS_PENDING : 0;
    file.poke16(express + 0x0a, (file.peek16(express + 0x0a) & ~TRANSACTIONS_PENDING) | pending);
  });
  if (places(fn, express, linkDisable)) {
    file.onWrite(express + 0x10, 32, () => {
      const disabled = (file.peek8(express + 0x10) & 0x10) !== 0;
      setSecondarySide(fn, LinkDown.disabled, disabled, context);
    });
    file.onRead(express + 0x10, 32, () => showLinkActive(fn, express, context));
  }
  if (places(fn, express, slotPower)) {
    file.onWrite(express + 0x18, 32, () => {
      const off = (file.peek16(express + 0x18) & 0x400) !== 0;
      setSecondarySide(fn, LinkDown.powerOff, off, context);
    });
  }
}

/** Data Link Layer Link Active of a port that reports it, once its link has been down. */
function showLinkActive(fn: PcieFunction, express: number, context: ResetContext): void {
  const { config, link } = fn;
  const file = config.file;
  if (link === undefined || !link.changed || (file.peek32(express + 0x0c) & (1 << 20)) === 0) return;
  const active = !link.isDown && fn.children.length > 0 && context.now() >= link.upSince + LINK_UP_TIME;
  const status = file.peek16(express + 0x12);
  file.poke16(express + 0x12, active ? status | LINK_ACTIVE : status & ~LINK_ACTIVE);
}

function wireVirtualFunctions(fn: PcieFunction, context: ResetContext): void {
  const { file, sriov } = fn.config;
  if (!places(fn, sriov, singleRootIoVirtualization)) return;
  file.onWrite(sriov + 0x08, 32, (_offset, _written, previous) => {
    const enabled = (file.peek8(sriov + 0x08) & 1) !== 0;
    if (enabled === ((previous & 1) !== 0)) return;
    if (!enabled) destroyVirtualFunctions(fn, context);
    // Virtual functions answer 100 ms after VF Enable at the latest (PCIe 9.3.3.3.1).
    for (const virtual of fn.virtualFunctions) {
      virtual.readiness.readyAt = enabled ? context.now() + 100_000_000 : 0;
    }
    context.routingChanged();
  });
}

function wireContainment(fn: PcieFunction, context: ResetContext): void {
  const { file, containment } = fn.config;
  if (!places(fn, containment, downstreamPortContainment)) return;
  file.onWrite(containment + 0x04, 32, (_offset, written, _previous, enabled) => {
    const capable = (file.peek8(containment + 0x04) & 0x80) !== 0;
    const armed = (file.peek8(containment + 0x06) & 3) !== 0;
    if (capable && armed && (written & enabled & 0x40_0000) !== 0) contain(fn, 3, 1, 0, context);
  });
  file.onWrite(containment + 0x08, 32, () => {
    const triggered = (file.peek8(containment + 0x08) & 1) !== 0;
    setSecondarySide(fn, LinkDown.contained, triggered, context);
  });
}

/**
 * A bridge may have been captured with its secondary side held down. With functions below, which were seen, that
 * cannot be: the link is then taken to be up, and the note that is returned says so.
 */
export function takeCapturedLinkState(fn: PcieFunction): string | undefined {
  const { config, link } = fn;
  if (link === undefined) return undefined;
  const { file, express, containment } = config;
  let reasons = (file.peek8(0x3e) & SECONDARY_BUS_RESET) === 0 ? 0 : LinkDown.reset;
  if (express !== 0 && places(fn, express, linkDisable) && (file.peek8(express + 0x10) & 0x10) !== 0) {
    reasons |= LinkDown.disabled;
  }
  if (express !== 0 && places(fn, express, slotPower) && (file.peek16(express + 0x18) & 0x400) !== 0) {
    reasons |= LinkDown.powerOff;
  }
  if (containment !== 0 && (file.peek8(containment + 0x08) & 1) !== 0) reasons |= LinkDown.contained;
  if (reasons === 0) return undefined;
  if (fn.children.length > 0) {
    return `${fn.name} was captured with its link down and functions below: taken to be up`;
  }
  link.reasons = reasons;
  return undefined;
}

/**
 * Downstream Port Containment triggers at `port` (PCIe 6.2.11): its link goes down until software clears the status.
 * `reason` 1 ERR_NONFATAL, 2 ERR_FATAL, 3 see `extension` (1: software). `source` is the requester ID of the message.
 * Nothing happens while it is triggered already.
 */
export function contain(
  port: PcieFunction,
  reason: number,
  extension: number,
  source: number,
  context: ResetContext,
): void {
  const { config } = port;
  const at = config.containment;
  const field = downstreamPortContainment.field;
  if (at === 0 || config.get(field['STATUS.TRIGGERED'], at) === 1) return;
  config.set(field['STATUS.TRIGGERED'], 1, at);
  config.set(field['STATUS.REASON'], reason, at);
  config.set(field['STATUS.REASON_EXTENSION'], extension, at);
  config.set(field['SOURCE.REQUESTER_ID'], source, at);
  setSecondarySide(port, LinkDown.contained, true, context);
}

function places(fn: PcieFunction, offset: number, layout: object): boolean {
  for (const one of fn.config.capabilities) {
    if (one.offset === offset) return one.layouts.some((placed) => placed === layout);
  }
  return false;
}
