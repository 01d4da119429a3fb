import type { Field } from '@quiesce/simulation';
import { advancedErrorReporting, rootErrorReporting } from '../config-space/advanced-error-reporting.ts';
import { expressDevice } from '../config-space/express-device.ts';
import { expressRoot } from '../config-space/express-port.ts';
import { commonHeader, type1Header } from '../config-space/header-registers.ts';

/** A field's bits inside of its register. */
function bits(field: Field): number {
  return ((2 ** field.width - 1) << field.low) >>> 0;
}

const header = commonHeader.field;
const bridge = type1Header.field;
const device = expressDevice.field;
const aer = advancedErrorReporting.field;
const root = rootErrorReporting.field;

export const COMMAND: Readonly<Record<'offset' | 'serrEnable' | 'parityResponse', number>> = {
  offset: header['COMMAND.SERR_ENABLE'].offset,
  serrEnable: bits(header['COMMAND.SERR_ENABLE']),
  parityResponse: bits(header['COMMAND.PARITY_ERROR_RESPONSE']),
};

export const STATUS: Readonly<
  Record<
    | 'offset'
    | 'masterDataParityError'
    | 'receivedTargetAbort'
    | 'receivedMasterAbort'
    | 'signaledSystemError'
    | 'detectedParityError',
    number
  >
> = {
  offset: header['STATUS.RECEIVED_MASTER_ABORT'].offset,
  masterDataParityError: bits(header['STATUS.MASTER_DATA_PARITY_ERROR']),
  detectedParityError: bits(header['STATUS.DETECTED_PARITY_ERROR']),
  receivedTargetAbort: bits(header['STATUS.RECEIVED_TARGET_ABORT']),
  receivedMasterAbort: bits(header['STATUS.RECEIVED_MASTER_ABORT']),
  signaledSystemError: bits(header['STATUS.SIGNALED_SYSTEM_ERROR']),
};

export const SECONDARY_STATUS: Readonly<Record<'offset' | 'receivedSystemError', number>> = {
  offset: bridge['SECONDARY_STATUS.RECEIVED_SYSTEM_ERROR'].offset,
  receivedSystemError: bits(bridge['SECONDARY_STATUS.RECEIVED_SYSTEM_ERROR']),
};

export const BRIDGE_CONTROL: Readonly<Record<'offset' | 'serrEnable', number>> = {
  offset: bridge['BRIDGE_CONTROL.SERR_ENABLE'].offset,
  serrEnable: bits(bridge['BRIDGE_CONTROL.SERR_ENABLE']),
};

/** PCI Express capability. Reporting enables and system error enables are three neighbours each, by severity. */
export const EXPRESS: Readonly<
  Record<
    | 'deviceCapabilities'
    | 'roleBasedReporting'
    | 'deviceControl'
    | 'correctableReporting'
    | 'unsupportedReporting'
    | 'deviceStatus'
    | 'correctableDetected'
    | 'nonfatalDetected'
    | 'fatalDetected'
    | 'unsupportedDetected'
    | 'rootControl'
    | 'systemErrorOnCorrectable',
    number
  >
> = {
  deviceCapabilities: device['DEVICE_CAPABILITIES.ROLE_BASED_ERRORS'].offset,
  roleBasedReporting: bits(device['DEVICE_CAPABILITIES.ROLE_BASED_ERRORS']),
  deviceControl: device['DEVICE_CONTROL.CORRECTABLE_REPORTING'].offset,
  correctableReporting: bits(device['DEVICE_CONTROL.CORRECTABLE_REPORTING']),
  unsupportedReporting: bits(device['DEVICE_CONTROL.UNSUPPORTED_REQUEST_REPORTING']),
  deviceStatus: device['DEVICE_STATUS.CORRECTABLE_ERROR'].offset,
  correctableDetected: bits(device['DEVICE_STATUS.CORRECTABLE_ERROR']),
  nonfatalDetected: bits(device['DEVICE_STATUS.NONFATAL_ERROR']),
  fatalDetected: bits(device['DEVICE_STATUS.FATAL_ERROR']),
  unsupportedDetected: bits(device['DEVICE_STATUS.UNSUPPORTED_REQUEST']),
  rootControl: expressRoot.field['ROOT_CONTROL.SYSTEM_ERROR_ON_CORRECTABLE'].offset,
  systemErrorOnCorrectable: bits(expressRoot.field['ROOT_CONTROL.SYSTEM_ERROR_ON_CORRECTABLE']),
};

/** AER capability. Interrupt enables of Root Error Command are three neighbours, by severity. */
export const AER: Readonly<
  Record<
    | 'uncorrectableStatus'
    | 'uncorrectableMask'
    | 'uncorrectableSeverity'
    | 'correctableStatus'
    | 'correctableMask'
    | 'control'
    | 'firstErrorPointer'
    | 'headerLog'
    | 'rootCommand'
    | 'interruptOnCorrectable'
    | 'rootStatus'
    | 'correctableReceived'
    | 'multipleCorrectable'
    | 'uncorrectableReceived'
    | 'multipleUncorrectable'
    | 'firstIsFatal'
    | 'nonfatalReceived'
    | 'fatalReceived'
    | 'errorSource',
    number
  >
> = {
  uncorrectableStatus: aer['UNCORRECTABLE_STATUS.INTERNAL'].offset,
  uncorrectableMask: aer['UNCORRECTABLE_MASK.INTERNAL'].offset,
  uncorrectableSeverity: aer['UNCORRECTABLE_SEVERITY.INTERNAL'].offset,
  correctableStatus: aer['CORRECTABLE_STATUS.RECEIVER'].offset,
  correctableMask: aer['CORRECTABLE_MASK.RECEIVER'].offset,
  control: aer['CONTROL.FIRST_ERROR_POINTER'].offset,
  firstErrorPointer: bits(aer['CONTROL.FIRST_ERROR_POINTER']),
  headerLog: aer['HEADER_LOG_0.DWORD'].offset,
  rootCommand: root['ROOT_COMMAND.CORRECTABLE_INTERRUPT'].offset,
  interruptOnCorrectable: bits(root['ROOT_COMMAND.CORRECTABLE_INTERRUPT']),
  rootStatus: root['ROOT_STATUS.CORRECTABLE_RECEIVED'].offset,
  correctableReceived: bits(root['ROOT_STATUS.CORRECTABLE_RECEIVED']),
  multipleCorrectable: bits(root['ROOT_STATUS.MULTIPLE_CORRECTABLE']),
  uncorrectableReceived: bits(root['ROOT_STATUS.UNCORRECTABLE_RECEIVED']),
  multipleUncorrectable: bits(root['ROOT_STATUS.MULTIPLE_UNCORRECTABLE']),
  firstIsFatal: bits(root['ROOT_STATUS.FIRST_FATAL']),
  nonfatalReceived: bits(root['ROOT_STATUS.NONFATAL_RECEIVED']),
  fatalReceived: bits(root['ROOT_STATUS.FATAL_RECEIVED']),
  errorSource: root['SOURCE.CORRECTABLE'].offset,
};
