export { EcamWindow, type EcamWindowOptions } from './config-access/ecam-window.ts';
export { Type1Mechanism } from './config-access/type1-mechanism.ts';
export { accessControlServices, alternativeRoutingId } from './config-space/access-control.ts';
export {
  addressTranslationServices,
  pageRequest,
  processAddressSpaceId,
} from './config-space/address-translation.ts';
export { advancedErrorReporting, rootErrorReporting } from './config-space/advanced-error-reporting.ts';
export { advancedFeatures, advancedFeaturesReset } from './config-space/advanced-features.ts';
export { type BarKind, barKind, barRegisters } from './config-space/bar-registers.ts';
export { CapabilityId, ExtendedCapabilityId } from './config-space/capability-id.ts';
export {
  type CapabilityList,
  type ListedCapability,
  listCapabilities,
} from './config-space/capability-list.ts';
export { ConfigSpace, type PlacedCapability } from './config-space/config-space.ts';
export { CORE_LOGIC_MASK, coreLogicErrorMask } from './config-space/core-logic-mask.ts';
export { ehciLegacySupport } from './config-space/ehci-legacy-support.ts';
export {
  ariForwarding,
  expressDevice,
  expressDevice2,
  functionLevelReset,
} from './config-space/express-device.ts';
export { PortType } from './config-space/express-kind.ts';
export { expressLink, expressLink2, linkDisable } from './config-space/express-link.ts';
export {
  attentionIndicator,
  crsVisibility,
  expressRoot,
  expressSlot,
  powerIndicator,
  slotPower,
} from './config-space/express-port.ts';
export {
  commonHeader,
  conventionalBridgeControl,
  conventionalHeader,
  type0Header,
  type1Header,
} from './config-space/header-registers.ts';
export {
  msiControl,
  msiData32,
  msiData64,
  msiMask32,
  msiMask64,
  msiUpperAddress,
  msix,
} from './config-space/message-interrupts.ts';
export { downstreamPortContainment } from './config-space/port-containment.ts';
export { powerManagement } from './config-space/power-management.ts';
export { deviceSerialNumber } from './config-space/serial-number.ts';
export { singleRootIoVirtualization, VF_BAR_OFFSET } from './config-space/virtualization.ts';
export {
  ioUpperRegisters,
  ioWindowRegisters,
  memoryWindowRegisters,
  prefetchableUpperRegisters,
  prefetchableWindowRegisters,
} from './config-space/window-registers.ts';
export { AHCI_PORT, ahciHost, ahciPort } from './endpoint/ahci/ahci-registers.ts';
export { createEngine, type EndpointIdentity, endpointKinds } from './endpoint/create-engine.ts';
export { STREAM_DESCRIPTOR, streamController } from './endpoint/cyclic-stream/cyclic-stream-registers.ts';
export { EHCI_OPERATIONAL, ehciCapability, ehciOperational } from './endpoint/ehci/ehci-registers.ts';
export {
  defaultTraits,
  type EndpointDescription,
  type EndpointKind,
  type EndpointTraits,
  type EndpointWorkload,
  type RefusalReaction,
} from './endpoint/endpoint-description.ts';
export type { EndpointEngine, EndpointPort } from './endpoint/endpoint-engine.ts';
export {
  EVENT_REPLAY,
  HOST_DRIVER,
  IocFactsReply,
  IocInitRequest,
  MPT_FRAME_BYTES,
  MPT_REPLY_DESCRIPTOR_BYTES,
  MPT_REPLY_FREE_BYTES,
  MPT_REPLY_POST_UNIT,
  MPT_REQUEST_CREDIT,
  MptFunction,
  MptReplyType,
  MptRequestType,
  MptStatus,
  MptVersion,
  ScsiIoRequest,
} from './endpoint/mpt/mpt-messages.ts';
export {
  MptDoorbellFunction,
  MptState,
  mptDiagnosticKeys,
  mptRegisters,
} from './endpoint/mpt/mpt-registers.ts';
export {
  InterruptCause,
  networkGeneral,
  RECEIVE_QUEUE,
  RECEIVE_QUEUE_ALIAS,
  receiveQueue,
} from './endpoint/network-ring/network-ring-registers.ts';
export { DOORBELLS, nvmeController, nvmeDoorbells } from './endpoint/nvme/nvme-registers.ts';
export { DISPLAY_PIPE, displayPlane } from './endpoint/scan-out/scan-out-registers.ts';
export { uhciRegisters } from './endpoint/uhci/uhci-registers.ts';
export {
  XHCI_DOORBELLS,
  XHCI_LEGACY,
  XHCI_OPERATIONAL,
  XHCI_PORT,
  XHCI_RUNTIME,
  xhciCapability,
  xhciDoorbells,
  xhciLegacySupport,
  xhciOperational,
  xhciPort,
  xhciRuntime,
} from './endpoint/xhci/xhci-registers.ts';
export { ErrorReporting } from './error/error-reporting.ts';
export { CorrectableError, UncorrectableError } from './error/uncorrectable-error.ts';
export type { CpuAccessSize } from './fabric/cpu-access.ts';
export {
  type ErrorSeverity,
  type FabricObserver,
  SilentObserver,
  type StopReason,
  type SystemErrorCause,
  type SystemErrorKind,
} from './fabric/fabric-observer.ts';
export { type FabricMode, type FabricOptions, type FabricState, PcieFabric } from './fabric/pcie-fabric.ts';
export { MsiXTable, type MsiXTableState } from './interrupt/msi-x-table.ts';
export type { ResetCause } from './link/reset-context.ts';
export {
  D3HOT_RECOVERY,
  FUNCTION_LEVEL_RESET_TIME,
  LINK_UP_TIME,
  RESET_HOLD_OFF,
  SHORTEST_RESET,
} from './link/timing.ts';
export type { Escalation, PlatformDescription } from './platform/platform-description.ts';
export { Completion, type CompletionStatus } from './request/completion.ts';
export { DeviceTlb, type DeviceTlbState } from './request/device-tlb.ts';
export { type ReadFault, type ReadFaultState, ReadFaults } from './request/read-faults.ts';
export type {
  BridgeDefect,
  FunctionDescription,
  RootComplexDescription,
} from './topology/function-description.ts';
export { type FunctionKind, hasLinkBelow } from './topology/function-kind.ts';
export { functionName } from './topology/function-name.ts';
export { PcieFunction, type PcieFunctionState } from './topology/pcie-function.ts';
export {
  type CommandListener,
  type MachineHung,
  PcieHierarchy,
  type PcieHierarchyOptions,
  type PcieHierarchyState,
  type ResetListener,
} from './topology/pcie-hierarchy.ts';
export { barAddress } from './window/bar-decode.ts';
export type { RoutedRequest } from './window/request-routing.ts';
