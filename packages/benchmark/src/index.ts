export { type ComparisonRequest, compare } from './comparison/compare.ts';
export type { ComparedRun, Comparison, RunFailure } from './comparison/comparison.ts';
export { findPlugin } from './plugins/find-plugin.ts';
export { type AnyPlugin, loadPlugin } from './plugins/load-plugin.ts';
export type { PluginReference } from './plugins/plugin-reference.ts';
export { type Spread, type StrategySummary, summarise } from './summary/strategy-summary.ts';
