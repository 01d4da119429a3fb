import type { PciDevice } from '@quiesce/strategy';

const PCI_EXPRESS = 0x10;
const DEVICE_CAPABILITIES = 0x04;
const DEVICE_CONTROL = 0x08;
const DEVICE_STATUS = 0x0a;
const FUNCTION_LEVEL_RESET = 0x1000_0000;
const INITIATE_RESET = 0x8000;
const TRANSACTIONS_PENDING = 0x0020;

/** Advanced Features, for conventional functions (PCI-SIG ECN of 2006). */
const ADVANCED_FEATURES = 0x13;
const FEATURES_HAS_BOTH = 0x03;

const POWER_MANAGEMENT = 0x01;
const POWER_CONTROL = 0x04;
const POWER_STATE = 0x0003;
const NO_SOFT_RESET = 0x0008;
const D3HOT = 3;

/** How a function can be reset alone. */
export interface FunctionReset {
  /** For the log: `FLR`, `AF_FLR` or `PM`, as Linux names them. */
  readonly method: 'FLR' | 'AF_FLR' | 'PM';
  /** Milliseconds after the reset during which the function must be left alone. */
  readonly quietMs: number;
  pending(): boolean;
  trigger(delay: (ms: number) => void): void;
}

/**
 * The first way that `device` offers: its PCI Express capability, Advanced Features, and with `includeD3hot` the power
 * state D3hot and back, if that is a reset. Undefined if there is none.
 */
export function functionResetOf(device: PciDevice, includeD3hot: boolean): FunctionReset | undefined {
  return expressReset(device) ?? featuresReset(device) ?? (includeD3hot ? powerReset(device) : undefined);
}

/** PCIe 6.6.2. */
function expressReset(device: PciDevice): FunctionReset | undefined {
  const at = device.findCapability(PCI_EXPRESS);
  if (at === 0 || (device.readConfig32(at + DEVICE_CAPABILITIES) & FUNCTION_LEVEL_RESET) === 0)
    return undefined;
  return {
    method: 'FLR',
    quietMs: 100,
    pending: () => (device.readConfig16(at + DEVICE_STATUS) & TRANSACTIONS_PENDING) !== 0,
    trigger: () => {
      const control = device.readConfig16(at + DEVICE_CONTROL);
      device.writeConfig16(at + DEVICE_CONTROL, control | INITIATE_RESET);
    },
  };
}

function featuresReset(device: PciDevice): FunctionReset | undefined {
  const at = device.findCapability(ADVANCED_FEATURES);
  if (at === 0 || (device.readConfig8(at + 3) & FEATURES_HAS_BOTH) !== FEATURES_HAS_BOTH) return undefined;
  return {
    method: 'AF_FLR',
    quietMs: 100,
    pending: () => (device.readConfig8(at + 5) & 1) !== 0,
    trigger: () => device.writeConfig8(at + 4, 1),
  };
}

/** Without No_Soft_Reset, a function that goes from D3hot to D0 is reset (PCIe 5.3.1.4). */
function powerReset(device: PciDevice): FunctionReset | undefined {
  const at = device.findCapability(POWER_MANAGEMENT);
  if (at === 0) return undefined;
  const control = device.readConfig16(at + POWER_CONTROL);
  if ((control & NO_SOFT_RESET) !== 0) return undefined;
  return {
    method: 'PM',
    quietMs: 10,
    pending: () => false,
    trigger: (delay) => {
      device.writeConfig16(at + POWER_CONTROL, (control & ~POWER_STATE) | D3HOT);
      delay(10);
      device.writeConfig16(at + POWER_CONTROL, control & ~POWER_STATE);
    },
  };
}
