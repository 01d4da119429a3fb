export { type ComparisonRequest, compare } from './comparison/compare.ts';
export type { ComparedRun, Comparison, RunFailure } from './comparison/comparison.ts';
export { type StoryRequest, tellStory } from './comparison/tell-story.ts';
export { findPlugin } from './plugins/find-plugin.ts';
export { type AnyPlugin, loadPlugin } from './plugins/load-plugin.ts';
export { openPlugin } from './plugins/open-plugin.ts';
export type { PluginReference } from './plugins/plugin-reference.ts';
export { type Frequent, type Spread, type StrategySummary, summarise } from './summary/strategy-summary.ts';
export type { RunStory } from './worker/task.ts';
