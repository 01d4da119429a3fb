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
export { type MachineRequester, machineRequesters, requesterName } from './account/machine-requesters.ts';
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
export { type Prediction, type PredictionRequest, predict } from './prediction/predict.ts';
export { kernelsOfVariant, type PredictedKernels, profileOfVersion } from './prediction/second-kernel.ts';
export { type HookStop, stopFor } from './strategy/hook-stops.ts';
export { asTheLabRunsIt } from './strategy/lab-semantics.ts';
