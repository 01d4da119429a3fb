export {
  type DeviceAccount,
  type DevicePhase,
  type DumpAccount,
  type LabPhase,
  labPhases,
  type RunAccount,
  type UnitPhase,
} from './account/account.ts';
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
