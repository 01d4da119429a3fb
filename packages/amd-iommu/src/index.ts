export type { DeviceTableCacheState } from './cache/device-table-cache.ts';
export type { UnitCachesState } from './cache/unit-caches.ts';
export type { DeviceTlbInvalidate } from './commands/command-processor.ts';
export {
  COMMAND_BYTES,
  Command as AmdCommand,
  completionWait,
  invalidateAll,
  invalidateDeviceTableEntry,
  invalidateDomain,
  invalidateInterruptTable,
  invalidatePage,
} from './commands/command-words.ts';
export {
  AmdEvent,
  type AmdEventEntry,
  EVENT_BYTES,
  EventFlag,
  eventEntry,
  readEventEntry,
} from './events/event-entry.ts';
export type { AmdEventSink } from './events/event-log.ts';
export { amdEventName } from './events/event-names.ts';
export { AmdControl, AmdStatus, amdRegister, iommuRegisters } from './registers/iommu-registers.ts';
export { ringRegister } from './registers/ring.ts';
export {
  DeviceTable,
  deviceTableAddress,
  deviceTablePages,
  deviceTableRegister,
} from './tables/device-table.ts';
export {
  DEVICE_TABLE_ENTRY_BYTES,
  type DeviceTableEntry,
  deviceTableEntry,
  emptyDeviceTableEntry,
  GUEST_TRANSLATION_MASKS,
  INTERRUPTS_ABORTED,
  INTERRUPTS_FORWARDED,
  INTERRUPTS_REMAPPED,
  readDeviceTableEntry,
} from './tables/device-table-entry.ts';
export {
  AmdInterruptTable,
  amdInterruptMessage,
  type InterruptEntry,
  interruptEntry,
  readInterruptEntry,
} from './tables/interrupt-table.ts';
export { IoPageTable } from './tables/io-page-table.ts';
export { pageTableEntry } from './tables/page-entry.ts';
export type { AmdTableStorage } from './tables/table-storage.ts';
export { AmdUnit, type AmdUnitOptions, type AmdUnitState, type AmdWide } from './unit/amd-unit.ts';
