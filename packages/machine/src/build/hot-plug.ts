import type { FunctionPlan } from './function-plan.ts';
import { PcieType } from './pci-express-capability.ts';

const PCI_EXPRESS = 0x10;
const STANDARD_HOT_PLUG_CONTROLLER = 0x0c;
const SLOT_IMPLEMENTED = 0x100;

/** A port that faces downstream and has a slot (PCIe 7.5.3.2). */
export function isExpressSlot(plan: FunctionPlan): boolean {
  const express = plan.capabilities?.find((one) => one.id === PCI_EXPRESS && !one.extended);
  if (express === undefined) return false;
  const flags = (express.bytes[2] as number) | ((express.bytes[3] as number) << 8);
  const type = (flags >> 4) & 0xf;
  return (type === PcieType.rootPort || type === PcieType.downstreamPort) && (flags & SLOT_IMPLEMENTED) !== 0;
}

/** A slot, or a bridge with a Standard Hot-Plug Controller. */
export function canHotPlug(plan: FunctionPlan): boolean {
  if (isExpressSlot(plan)) return true;
  return plan.capabilities?.some((one) => one.id === STANDARD_HOT_PLUG_CONTROLLER && !one.extended) ?? false;
}
