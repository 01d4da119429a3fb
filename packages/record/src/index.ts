export { confidenceInterval, type Interval } from '@quiesce/benchmark';
export { parseCase } from './case/parse-case.ts';
export { ownCases, readCases } from './case/read-cases.ts';
export type {
  CaseChange,
  CaseKernel,
  CaseMachine,
  CaseSource,
  Counterfactual,
  FunctionSelection,
  MachineChange,
  MemoryChange,
  RecordCase,
  Scalar,
  Share,
  Standing,
  Statement,
} from './case/record-case.ts';
export { type ReplayRequest, replay } from './replay/replay.ts';
export type {
  RecordResult,
  ReplayedCase,
  ReplayedCounterfactual,
  ReplayedStatement,
  Verdict,
} from './replay/replay-result.ts';
export {
  compareOverRecord,
  type RecordComparison,
  type RecordComparisonRequest,
  type RecordStanding,
} from './standing/compare-over-record.ts';
export { type RecordWorld, recordWorlds } from './standing/record-worlds.ts';
export type { PhaseStep } from './story/phase-steps.ts';
export { type CaseStory, tellCase } from './story/tell-case.ts';
export { type Arm, type ArmName, armOf } from './world/arm.ts';
