export { AHCI_PORT, ahciHost, ahciPort } from './endpoint/ahci/ahci-registers.ts';
export { createEngine, type EndpointIdentity, endpointKinds } from './endpoint/create-engine.ts';
export { STREAM_DESCRIPTOR, streamController } from './endpoint/cyclic-stream/cyclic-stream-registers.ts';
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
  InterruptCause,
  networkGeneral,
  RECEIVE_QUEUE,
  receiveQueue,
} from './endpoint/network-ring/network-ring-registers.ts';
export { DOORBELLS, nvmeController, nvmeDoorbells } from './endpoint/nvme/nvme-registers.ts';
export { DISPLAY_PIPE, displayPlane } from './endpoint/scan-out/scan-out-registers.ts';
export { uhciRegisters } from './endpoint/uhci/uhci-registers.ts';
export {
  type ErrorSeverity,
  type FabricObserver,
  SilentObserver,
  type StopReason,
  type SystemErrorCause,
  type SystemErrorKind,
} from './fabric/fabric-observer.ts';
export { type FabricMode, type FabricOptions, type FabricState, PcieFabric } from './fabric/pcie-fabric.ts';
export type { Escalation, PlatformDescription } from './platform/platform-description.ts';
export { Completion, type CompletionStatus } from './request/completion.ts';
export type { FunctionDescription, RootComplexDescription } from './topology/function-description.ts';
