import { AmdEvent } from './event-entry.ts';

const names: Readonly<Record<number, string>> = {
  [AmdEvent.illegalDeviceTableEntry]: 'ILLEGAL_DEV_TABLE_ENTRY',
  [AmdEvent.ioPageFault]: 'IO_PAGE_FAULT',
  [AmdEvent.deviceTableHardwareError]: 'DEV_TAB_HARDWARE_ERROR',
  [AmdEvent.pageTableHardwareError]: 'PAGE_TAB_HARDWARE_ERROR',
  [AmdEvent.illegalCommand]: 'ILLEGAL_COMMAND_ERROR',
  [AmdEvent.commandHardwareError]: 'COMMAND_HARDWARE_ERROR',
  [AmdEvent.deviceTlbTimeout]: 'IOTLB_INV_TIMEOUT',
  [AmdEvent.invalidDeviceRequest]: 'INVALID_DEVICE_REQUEST',
};

/** The specification's name of an event, as kernels print it; undefined for a code that the model does not use. */
export function amdEventName(code: number): string | undefined {
  return names[code];
}
