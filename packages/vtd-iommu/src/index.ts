export * from './dmar/index.ts';
export type { EventSink } from './fault-recording/event-message.ts';
export type { FaultInfo, FaultSink } from './fault-recording/fault-recorder.ts';
export * from './faults/index.ts';
export type { InvalidationSinks } from './invalidation/invalidation-queue.ts';
export { type Capability, decodeCapability, type WideValue } from './registers/capability.ts';
export { coreRegisters } from './registers/core-registers.ts';
export { faultRecordRegisters } from './registers/fault-record-registers.ts';
export { interruptTableRegister as interruptTableRegisterLayout } from './registers/interrupt-table-register.ts';
export { invalidationQueueRegisters } from './registers/invalidation-queue-registers.ts';
export { iotlbRegisters } from './registers/iotlb-registers.ts';
export { pageRequestRegisters } from './registers/page-request-registers.ts';
export {
  protectedHighRegisters,
  protectedLowRegisters,
  protectedMemoryEnable,
} from './registers/protected-memory-registers.ts';
export { registerOffset } from './registers/register-block.ts';
export { type UnitAccess, UnitRegisters } from './software/unit-registers.ts';
export * from './tables/index.ts';
export type { PageRequest } from './unit/page-request-queue.ts';
export { VtdUnit, type VtdUnitOptions, type VtdUnitState } from './unit/vtd-unit.ts';
export type { AccessFails } from './walk/entry-access.ts';
export type { WalkResult, WalkStep } from './walk/table-image.ts';
export { walkLegacy } from './walk/walk-legacy.ts';
export { walkScalable } from './walk/walk-scalable.ts';
