export { buildDmar } from './build-dmar.ts';
export * from './dmar-table.ts';
export { type ParseDmarOptions, parseDmar } from './parse-dmar.ts';
export {
  type AbsentScope,
  type PlatformScope,
  type ResolvedDmar,
  type ResolvedMemory,
  type ResolvedUnit,
  resolveScopeSet,
  resolveScopes,
  type ScopeSet,
  type SubtreeScope,
} from './resolve-scopes.ts';
export type { FunctionScope, ScopeTopology } from './scope-path.ts';
export { isDamaged, soundDmar } from './sound-dmar.ts';
export { type UnitTable, unitForRequester } from './unit-table.ts';
