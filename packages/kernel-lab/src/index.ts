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
