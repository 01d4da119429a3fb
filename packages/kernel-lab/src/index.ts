export {
  type DeviceAccount,
  type DevicePhase,
  type DumpAccount,
  type LabPhase,
  labPhases,
  type RunAccount,
  type UnitPhase,
} from './account/account.ts';
export { askContext, contextWalk, type FoundContext, readContext } from './account/context-walk.ts';
export { type MachineRequester, machineRequesters } from './account/machine-requesters.ts';
export {
  type BaselineChange,
  type BaselineDifference,
  compareWithBaseline,
} from './baseline/compare-with-baseline.ts';
export {
  captureGuest,
  type GuestCapture,
  type GuestCaptureOptions,
  type KernelFunction,
} from './captured/capture-guest.ts';
export { type CheckedCapture, checkCapture } from './captured/check-capture.ts';
export { type CaptureTaker, compareCapture } from './captured/compare-capture.ts';
export type { GuestFunction, GuestHardware } from './captured/guest-hardware.ts';
export { type AccountPair, compareAccounts, disagreementsOf } from './comparison/compare-accounts.ts';
export type {
  CellCounts,
  CellKind,
  ComparedCell,
  Disagreement,
  Standing,
} from './comparison/compared-cell.ts';
export { type ConfusionMatrix, confusionMatrix } from './comparison/confusion-matrix.ts';
export { type LimitSetting, type QemuLimit, qemuLimits } from './comparison/limits.ts';
export type { AccessSize, StoppedGuest } from './guest/stopped-guest.ts';
export type {
  LabObservation,
  LabProgress,
  LabRequest,
  LabResult,
  LabStrategy,
  OwnKernel,
} from './lab/lab-request.ts';
export { defaultVariant, type LabVariant } from './lab/lab-variant.ts';
export { runLab } from './lab/run-lab.ts';
export { labCombinations } from './matrix/combinations.ts';
export {
  combinationName,
  type LabCombination,
  strategyText,
  variantOf,
  variantText,
} from './matrix/lab-combination.ts';
export { machineOfCombination } from './matrix/lab-machine.ts';
export { type Prediction, type PredictionRequest, predict } from './prediction/predict.ts';
export { kernelsOfVariant, type PredictedKernels, profileOfVersion } from './prediction/second-kernel.ts';
export { Cache } from './provision/cache/cache.ts';
export { defaultCacheDirectory } from './provision/cache/default-directory.ts';
export {
  buildInitramfs,
  type GuestFile,
  type Initramfs,
  type InitramfsPlan,
  type InitramfsProgram,
} from './provision/initramfs/build-initramfs.ts';
export {
  type GuestProgram,
  type GuestProgramName,
  guestPrograms,
} from './provision/initramfs/guest-programs.ts';
export { labKernel } from './provision/kernel/debian-kernel.ts';
export { KernelConfig } from './provision/kernel/kernel-config.ts';
export { KernelSymbols } from './provision/kernel/kernel-symbols.ts';
export type { LabKernel } from './provision/kernel/lab-kernel.ts';
export {
  missingDrivers,
  type NeededDriver,
  type NeededOption,
  neededDrivers,
  neededOptions,
} from './provision/kernel/needed-options.ts';
export { type KernelFiles, kernelFromFiles } from './provision/kernel/own-kernel.ts';
export { buildProbe } from './provision/probe/build-probe.ts';
export { type Provision, type ProvisionRequest, provision } from './provision/provision.ts';
export { type KnownTool, knownTools } from './provision/tools/known-tools.ts';
export { missingTools } from './provision/tools/missing-tools.ts';
export { type ComparedRuns, compareRecorded, predictionSeeds } from './recorded/compare-recorded.ts';
export {
  accountsOf,
  parseRecordedRuns,
  type RecordedRuns,
  recordedFile,
  recordedRuns,
  recordedText,
} from './recorded/recorded-runs.ts';
export { readResult, readResults, writeResult } from './recorded/results-folder.ts';
export type { SparseAccount, SparseDevicePhase, SparseUnitPhase } from './recorded/sparse-account.ts';
export { cellSentence } from './report/cell-sentence.ts';
export type { DeviceRow, PhaseColumn, Tally } from './report/device-rows.ts';
export { labJunit } from './report/junit.ts';
export { isOfInterest, labMarkdown, shownPhases, tallyText } from './report/lab-markdown.ts';
export { type LabReport, labReport, type ReportedRun, type ReportInput } from './report/lab-report.ts';
export {
  combinationsMarkdown,
  type MatrixSummary,
  matrixMarkdown,
  summariseMatrix,
} from './report/matrix-markdown.ts';
export { compareMachines } from './reported/compare-machines.ts';
export { type Difference, disagreements } from './reported/difference.ts';
export { firmwareReport } from './reported/firmware-report.ts';
export { adoptReported, type GuestReport, importReported } from './reported/import-reported.ts';
export { readUnitRegisters, type UnitRegisters } from './reported/unit-registers.ts';
export type { AccessCounts, HookFailure, HookReport, ScheduledWork } from './strategy/hook-report.ts';
export type { HookSituation } from './strategy/hook-situation.ts';
export { type HookStop, stopFor } from './strategy/hook-stops.ts';
export { asTheLabRunsIt } from './strategy/lab-semantics.ts';
export { StrategyWorker, type StrategyWorkerOptions } from './strategy/strategy-worker.ts';
export { labLimits, type WorkerLimits } from './strategy/worker-limits.ts';
export { labTopologies, labTopology } from './topologies/lab-topologies.ts';
