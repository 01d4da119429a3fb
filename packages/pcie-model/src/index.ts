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
