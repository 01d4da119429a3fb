export * from './command.ts';
export * from './context-descriptor.ts';
export * from './event-record.ts';
export {
  bytesPerEntry,
  descriptorAddress,
  descriptorKind,
  type LeafAccess,
  leafDescriptor,
  tableDescriptor,
  tableIndex,
} from './page-descriptor.ts';
export { type PageLookup, type PageMapping, PageTable, type PageTableOptions } from './page-table.ts';
export * from './stream-entry.ts';
export {
  StreamTable,
  type StreamTableEntry,
  type StreamTableOptions,
  secondLevelOf,
  spanOf,
  USUAL_SPLIT,
} from './stream-table.ts';
export * from './table-registers.ts';
export { readWords, type TableStorage, writeWords } from './table-storage.ts';
