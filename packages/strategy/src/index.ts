export type { CrashContext, IommuCrashShutdownContext } from './contexts/crash-context.ts';
export type { InitcallContext } from './contexts/initcall-context.ts';
export type { PhaseContext } from './contexts/phase-context.ts';
export type {
  AerErrorContext,
  DeviceAttachContext,
  IommuFaultContext,
  IommuInitContext,
  IrqRemapInitContext,
  ReservedMemoryRegion,
} from './contexts/remapping-contexts.ts';
export type { SetupArchContext } from './contexts/setup-arch-context.ts';
export { StrategyViolation } from './errors.ts';
export { type HookContext, type HookName, hookMethods, hookNames } from './hooks/hook-name.ts';
export { commonServices, hookServices, type ServiceName, serviceNames } from './hooks/hook-services.ts';
export { restrictContext } from './hooks/restrict-context.ts';
export {
  type BooleanOption,
  type ChoiceOption,
  type IntegerOption,
  type OptionDeclaration,
  type OptionDeclarations,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
} from './options/options-schema.ts';
export { resolveOptions } from './options/resolve-options.ts';
export { isDisplayClass } from './pci/display-class.ts';
export { restoreConfig, type SavedConfig, saveConfig } from './pci/saved-config.ts';
export { secondaryBusReset } from './pci/secondary-bus-reset.ts';
export { type InitcallLevel, initcallLevels, type Phase, phases } from './phases.ts';
export type { MmconfigAccess, Type1ConfigAccess } from './services/config-access.ts';
export type { FirmwareServices, HostBridge } from './services/firmware-services.ts';
export type { DeviceList, PciDevice } from './services/pci-device.ts';
export type { EarlyAllocator, OwnedMemory, PageAllocator } from './services/physical-pages.ts';
export type {
  AdoptedDomain,
  RemappingDriver,
  RemappingUnitHandle,
} from './services/remapping-unit-handle.ts';
export {
  defineStrategy,
  type Initcall,
  type InitcallAt,
  type Strategy,
  type StrategyPlugin,
} from './strategy.ts';
