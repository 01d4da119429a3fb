export { AssertionError, assert } from './errors/assert.ts';
export { type ErrorPlace, UserError } from './errors/user-error.ts';
export {
  ADDRESS_LIMIT,
  type Address,
  highWord,
  INTERRUPT_WINDOW,
  lowWord,
  PAGE_SIZE,
  pageAddress,
} from './memory/address.ts';
export type { MemoryAccess, MemoryReader, WriterId } from './memory/memory-access.ts';
export {
  isBacked,
  MemoryMap,
  type MemoryOwner,
  type MemoryRegion,
  memoryOwners,
} from './memory/memory-map.ts';
export { PhysicalMemory, type PhysicalMemoryState } from './memory/physical-memory.ts';
export { type LedgerEntry, type LedgerState, WriteLedger } from './memory/write-ledger.ts';
export { type RandomState, RandomStream } from './random/random-stream.ts';
export type { RegisterAccess, ResetKind } from './registers/access.ts';
export {
  type Field,
  type FieldDeclaration,
  type RegisterDeclaration,
  type RegisterLayout,
  registerLayout,
} from './registers/layout.ts';
export {
  type AccessSize,
  type ReadHook,
  RegisterFile,
  type RegisterFileState,
  type WriteHook,
} from './registers/register-file.ts';
export { type AddressType, type DmaRequest, NO_PASID, newDmaRequest } from './remapping/dma-request.ts';
export {
  type InterruptOutcome,
  type InterruptRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  type RemappingUnit,
  type TranslationOutcome,
} from './remapping/remapping-unit.ts';
export { RunningHash } from './state/running-hash.ts';
export { type Snapshottable, StateSet } from './state/snapshot.ts';
export {
  type CalendarEvent,
  type CalendarState,
  EventCalendar,
  type EventHandler,
  type EventId,
  type HandlerId,
} from './time/event-calendar.ts';
export {
  formatSeconds,
  microsecond,
  microseconds,
  millisecond,
  milliseconds,
  type Nanoseconds,
  second,
} from './time/nanoseconds.ts';
export { Trace, type TraceEvent, type TraceKind, type TraceState, traceKind } from './trace/trace.ts';
