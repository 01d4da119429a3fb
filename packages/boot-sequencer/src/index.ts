export { type ContractLaboratoryOptions, contractLaboratory } from './contract/contract-laboratory.ts';
export { type CrashRequest, type CrashResult, crash } from './crash.ts';
export {
  type InterruptProfile,
  interruptsOfLinux3,
  interruptsOfLinux4,
  interruptsOfLinux6,
} from './interrupts/interrupt-profile.ts';
export type { VectorSearch } from './interrupts/vector-space.ts';
export type {
  Corruption,
  DeviceVerdict,
  FaultCount,
  FaultTotals,
  Outcome,
  RebootVerdict,
  RequesterDomain,
  StaleInterrupts,
} from './outcome/outcome.ts';
export type { ConfigPort } from './pci/config-port.ts';
export { type KernelBar, KernelPciDevice } from './pci/kernel-pci-device.ts';
export type { AmdMessages, AmdRemappingProfile } from './profile/amd-remapping-profile.ts';
export type { ProfilePlatform } from './profile/kernel-eras.ts';
export type { KernelMessages } from './profile/kernel-messages.ts';
export type {
  FaultLineShape,
  KernelProfile,
  PhaseTimes,
  RebootProfile,
} from './profile/kernel-profile.ts';
export {
  chosenProfile,
  type NearestProfile,
  nearestProfile,
  platformProfiles,
  platformVersions,
} from './profile/nearest-profile.ts';
export { kernelPair, kernelProfile, kernelProfiles } from './profile/profiles.ts';
export type { RemappingProfile } from './profile/remapping-profile.ts';
export { Budget, defaultLimits, type StrategyLimits } from './strategy-host/budget.ts';
export { mmconfigService, type1Service } from './strategy-host/config-services.ts';
export { deviceList } from './strategy-host/device-list.ts';
export type { HookObserver, StrategyFailure, StrategyHost } from './strategy-host/strategy-host.ts';
export type { Milestone, World } from './world/world.ts';
