export * from './context-entry.ts';
export type { Entry64, EntryWords } from './entry-words.ts';
export { readWords, writeWords } from './entry-words.ts';
export * from './interrupt-entry.ts';
export * from './interrupt-message.ts';
export { InterruptTable, type InterruptTableOptions } from './interrupt-table.ts';
export * from './invalidation-descriptor.ts';
export * from './page-entry.ts';
export * from './pasid-entry.ts';
export { PasidTable } from './pasid-table.ts';
export * from './root-entry.ts';
export { type PlacedContext, RootTable, type RootTableOptions } from './root-table.ts';
export * from './scalable-context-entry.ts';
export {
  type SecondLevelMapping,
  secondLevelMappings,
  type TableWalkOptions,
} from './second-level-mappings.ts';
export {
  type MappingAccess,
  type SecondLevelLookup,
  SecondLevelTable,
  type TableStorage,
} from './second-level-table.ts';
export type { TableNote } from './table-note.ts';
export * from './table-registers.ts';
