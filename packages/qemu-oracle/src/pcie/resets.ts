import type { PcieFunction } from '@quiesce/pcie-model';
import type { PairedAccess } from './paired-access.ts';

const BRIDGE_CONTROL = 0x3e;
const SECONDARY_BUS_RESET = 0x40;
const INITIATE_FLR = 0x8000;
const CAN_RESET_ITSELF = 0x1000_0000;
const D3HOT = 3;
const NO_SOFT_RESET = 8;
/** Power Controller Present, Power Controller Control, and both indicators of a slot at "on". */
const POWER_CONTROLLER = 2;
const POWER_OFF = 0x400;
const LAMPS_ON = 0x140;
/** I/O, memory and bus master. */
const ENABLED = 7;

/** A reset of `fn`, which answers on `bus`, on both sides. It does nothing to a function that has no such reset. */
export type Reset = (pair: PairedAccess, fn: PcieFunction, bus: number) => void;

/** Everything below the bridge; set and cleared, for in QEMU what is below goes on answering meanwhile. */
const secondaryBusReset: Reset = (pair, fn, bus) => {
  if (!fn.isBridge) return;
  const control = fn.config.file.peek16(BRIDGE_CONTROL);
  pair.ecamOrder(bus, fn.devfn, BRIDGE_CONTROL, 2, control | SECONDARY_BUS_RESET);
  pair.ecamOrder(bus, fn.devfn, BRIDGE_CONTROL, 2, control & ~SECONDARY_BUS_RESET);
};

const functionLevelReset: Reset = (pair, fn, bus) => {
  const { file, express } = fn.config;
  if (fn.isBridge || express === 0 || (file.peek32(express + 4) & CAN_RESET_ITSELF) === 0) return;
  pair.ecamOrder(bus, fn.devfn, express + 8, 2, file.peek16(express + 8) | INITIATE_FLR);
};

const throughD3hot: Reset = (pair, fn, bus) => {
  const { file, powerManagement } = fn.config;
  if (powerManagement === 0 || fn.isBridge) return;
  const register = powerManagement + 4;
  const control = file.peek16(register) & 0x7ffc;
  pair.ecamOrder(bus, fn.devfn, register, 2, control | D3HOT);
  for (const offset of [0x00, 0x04, 0x10, register]) pair.ecamRead(bus, fn.devfn, offset, 4);
  pair.ecamOrder(bus, fn.devfn, register, 2, control);
  // QEMU does not reset the function: it is given what the model's reset has left.
  if ((file.peek8(register) & NO_SOFT_RESET) === 0) pair.compensate(fn, bus);
};

/** Only where one device that is no bridge is below: what is further down could not be given the model's state. */
const powerCycle: Reset = (pair, fn, bus) => {
  const { file, express } = fn.config;
  const below = fn.children[0];
  if (below === undefined || below.isBridge || express === 0) return;
  if ((file.peek32(express + 0x14) & POWER_CONTROLLER) === 0) return;
  const secondary = file.peek8(0x19);
  pair.ecamOrder(bus, fn.devfn, express + 0x18, 2, LAMPS_ON | POWER_OFF);
  pair.ecamRead(secondary, below.devfn, 0, 4);
  pair.ecamWrite(secondary, below.devfn, 4, 2, ENABLED);
  pair.ecamOrder(bus, fn.devfn, express + 0x18, 2, LAMPS_ON);
  // QEMU keeps sticky bits over the loss of power.
  if (pair.model.at(secondary, below.devfn) === below) pair.compensate(below, secondary);
};

/** By the name of their step. */
export const resets: Readonly<
  Record<'secondary-bus-reset' | 'function-level-reset' | 'd3hot' | 'power-cycle', Reset>
> = {
  'secondary-bus-reset': secondaryBusReset,
  'function-level-reset': functionLevelReset,
  d3hot: throughD3hot,
  'power-cycle': powerCycle,
};
