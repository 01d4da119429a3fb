/** Offsets and bits of the error registers. */
export const EXPRESS_CAPABILITY = 0x10;
export const AER_CAPABILITY = 0x0001;

export const COMMAND = { offset: 0x04, serrEnable: 1 << 8 } as const;
export const STATUS = {
  offset: 0x06,
  receivedTargetAbort: 1 << 12,
  receivedMasterAbort: 1 << 13,
  signaledSystemError: 1 << 14,
} as const;
export const SECONDARY_STATUS = { offset: 0x1e, receivedSystemError: 1 << 14 } as const;
export const BRIDGE_CONTROL = { offset: 0x3e, serrEnable: 1 << 1 } as const;

export const EXPRESS = {
  deviceCapabilities: 0x04,
  roleBasedReporting: 1 << 15,
  deviceControl: 0x08,
  correctableReporting: 1 << 0,
  unsupportedReporting: 1 << 3,
  deviceStatus: 0x0a,
  correctableDetected: 1 << 0,
  nonfatalDetected: 1 << 1,
  fatalDetected: 1 << 2,
  unsupportedDetected: 1 << 3,
  rootControl: 0x1c,
  systemErrorOnCorrectable: 1 << 0,
} as const;

export const AER = {
  uncorrectableStatus: 0x04,
  uncorrectableMask: 0x08,
  uncorrectableSeverity: 0x0c,
  correctableStatus: 0x10,
  correctableMask: 0x14,
  control: 0x18,
  firstErrorPointer: 0x1f,
  headerLog: 0x1c,
  rootCommand: 0x2c,
  rootStatus: 0x30,
  correctableReceived: 1 << 0,
  multipleCorrectable: 1 << 1,
  uncorrectableReceived: 1 << 2,
  multipleUncorrectable: 1 << 3,
  firstIsFatal: 1 << 4,
  nonfatalReceived: 1 << 5,
  fatalReceived: 1 << 6,
  errorSource: 0x34,
} as const;
