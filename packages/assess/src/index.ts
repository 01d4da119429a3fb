export {
  type NearestProfile,
  nearestProfile,
  type ProfilePlatform as SimulatedPlatform,
} from '@quiesce/boot-sequencer';
export type { AdviceKind } from './advice/candidate.ts';
export { describeDumps, describeGain } from './advice/describe-gain.ts';
export type { Criterion, Difference, Gain } from './advice/gain.ts';
export { type AssessOptions, assess, defaultSeeds } from './assess.ts';
export type {
  CommandLineContext,
  CommandLineFinding,
  CrashMachineFacts,
} from './command-line/command-line-finding.ts';
export { lintCrashCommandLine } from './command-line/lint-command-line.ts';
export { assessmentDocument, type DocumentOptions } from './document/assessment-document.ts';
export { type DumpPath, resolveDumpPath } from './dump-path/resolve-dump-path.ts';
export {
  assessFleet,
  type FleetAssessment,
  type FleetEntry,
  type FleetError,
  type FleetOptions,
  type FleetRow,
} from './fleet/assess-fleet.ts';
export { fleetCsv } from './fleet/fleet-csv.ts';
export { fleetDocument } from './fleet/fleet-document.ts';
export type { Collateral } from './functions/collateral.ts';
export type { Coverage, CoveredBy } from './functions/coverage.ts';
export type { Statement } from './functions/evidence.ts';
export { type FunctionFinding, functionFindings, type HostDrivers } from './functions/function-findings.ts';
export type { InterruptKind } from './functions/interrupt-kind.ts';
export type { ResetWay } from './functions/reset-ways.ts';
export type { KernelDefect } from './kernels/known-defects.ts';
export type {
  Advice,
  AssessedFunction,
  AssessedKernel,
  AssessedStory,
  Assessment,
  KernelStanding,
  Standing,
} from './result/assessment.ts';
export type { StoryMark, StoryPhase } from './simulation/crash-story.ts';
export type { FunctionTally } from './simulation/requester-tally.ts';
export type { Share, Tally } from './simulation/tally.ts';
export { noHostFacts, type WorldOptions, withoutHost } from './world/simulated-world.ts';
