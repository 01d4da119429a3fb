export { type AssembledMachine, type AssembleOptions, assembleMachine } from './assemble/assemble-machine.ts';
export type { AssembledUnit } from './assemble/create-unit.ts';
export type { AssembledRemapping, InterruptSource, ReservedRegion } from './assemble/remapping-units.ts';
export {
  bridgeSubsystem,
  type CapabilityPlan,
  msi,
  msix,
  opaqueCapability,
  powerManagement,
} from './build/capability-plan.ts';
export { bytesToHex, hexToBytes } from './build/config-bytes.ts';
export { buildDmarTable, type DmarPlan, type ScopePlan } from './build/dmar-table.ts';
export { endpointKindOf, endpointOf } from './build/endpoint-kinds.ts';
export {
  accessControlServices,
  addressTranslationServices,
  advancedErrorReporting,
  alternativeRoutingId,
  deviceSerialNumber,
  downstreamPortContainment,
  pageRequestInterface,
  processAddressSpaceId,
  singleRootIov,
} from './build/extended-capabilities.ts';
export { placeAsFirmware } from './build/firmware-placement.ts';
export type { BarPlan, BridgePlan, FunctionPlan, WindowPlan } from './build/function-plan.ts';
export { buildMachine, type MachinePlan } from './build/machine-builder.ts';
export {
  type PcieCapabilityOptions,
  PcieType,
  type PcieTypeCode,
  pciExpress,
} from './build/pci-express-capability.ts';
export {
  downstreamPort,
  type PortOptions,
  pcieToPciBridge,
  rootPort,
  switchPlan,
  upstreamPort,
} from './build/port-plans.ts';
export { type BuiltRootComplex, buildRootComplex, type RootComplexPlan } from './build/root-complex.ts';
export type { BundledFile, CaptureBundle } from './capture/capture-bundle.ts';
export type { CapturedFile, UnreadFile } from './capture/captured-file.ts';
export type { BlockDevice, DeviceName, Mount } from './capture/dump-path/block-device.ts';
export type { NetworkInterface, NetworkRoute } from './capture/dump-path/network-interface.ts';
export type { HostFacts, RemappingPlatform, Stated } from './capture/host-facts.ts';
export { importCapture } from './capture/import-capture.ts';
export type {
  CaptureConflict,
  CaptureSource,
  ImportedCapture,
  SourceKind,
} from './capture/imported-capture.ts';
export { filesOf, parseCaptureBundle } from './capture/parse-capture-bundle.ts';
export { recogniseFile } from './capture/recognise-file.ts';
export { CapturedTopology, type PlacedConfig } from './description/captured-topology.ts';
export { ConfigReader } from './description/config-reader.ts';
export {
  type FunctionPlace,
  functionName,
  parseFunctionName,
  requesterIdOf,
} from './description/function-name.ts';
export type {
  ImportNote,
  Inference,
  Machine,
  MachineDriver,
  MachineFunction,
  MachineRegion,
  MachineUnit,
  UnitArchitecture,
  Workload,
} from './description/machine.ts';
export { parseMachine } from './description/parse-machine.ts';
export {
  type CoveringUnit,
  type MachineScopes,
  reservedMemoryOf,
  scopesOfMachine,
  unitOfRequester,
} from './description/requester-coverage.ts';
export { requesterName, segmentedName } from './description/requester-name.ts';
export { type AcpiDump, type AcpiTable, acpiTable, parseAcpiDump } from './import/acpi-dump.ts';
export { bootOfMachine, parseBootLog } from './import/boot-log.ts';
export type {
  AmdFeatures,
  BootLog,
  LoggedAmdUnit,
  LoggedBoot,
  LoggedEcam,
  LoggedFunction,
  LoggedHostBridge,
  LoggedIdentityMap,
  LoggedInterface,
  LoggedInterruptSource,
  LoggedLine,
  LoggedMemory,
  LoggedRange,
  LoggedResource,
  LoggedTable,
  LoggedUnit,
} from './import/boot-record.ts';
export { type ImportOptions, importMachine, type MachineCapture } from './import/import-machine.ts';
export { maxInputBytes } from './import/input-limits.ts';
export { type Iomem, type IomemRegion, parseIomem } from './import/iomem.ts';
export { type CarriedLine, stripLogCarrier } from './import/log-carrier.ts';
export type { LogRecord, RecordCarrier } from './import/log-record.ts';
export { type LogRecordListener, LogRecordReader } from './import/log-record-reader.ts';
export {
  type LspciDump,
  type LspciFunction,
  type LspciOptions,
  parseLspci,
  parseLspciStream,
} from './import/lspci.ts';
export type { DecodedRange } from './import/lspci-decoded-space.ts';
export { parseLspciMachineReadable } from './import/lspci-machine-readable.ts';
export { type LspciTree, type LspciTreeBridge, parseLspciTree } from './import/lspci-tree.ts';
export { versionOfBanner } from './kernel-facts/banner-version.ts';
export {
  type KernelFact,
  type KernelFactName,
  kernelFact,
  kernelFacts,
  kernelHas,
  likelyKernelHas,
  type UnsureRange,
} from './kernel-facts/kernel-facts.ts';
export { type KernelOrigin, kernelOrigin } from './kernel-facts/kernel-origin.ts';
export {
  compareKernelVersions,
  isKernelWithin,
  type KernelVersion,
  parseKernelVersion,
  rangeName,
  type VersionRange,
} from './kernel-facts/kernel-version.ts';
export { type DeviceRole, knownAs, whyKnown } from './known-devices/device-roles.ts';
export { type DmaAlias, dmaAliasesOf } from './known-devices/dma-aliases.ts';
export {
  type MessagePassingController,
  messagePassingController,
  messagePassingFamily,
} from './known-devices/storage-controllers.ts';
export {
  captureCard,
  chipsetFunction,
  chipsetSata,
  type DeviceOptions,
  networkCard,
  nvmeDrive,
  sataCard,
  vgaCard,
} from './presets/express-devices.ts';
export { preset, presets } from './presets/presets.ts';
export {
  i82801b11Bridge,
  pciBridge,
  pciePciBridge,
  type Q35BridgeOptions,
} from './presets/q35-bridges.ts';
export { ich9, pxbPcie, q35HostBridge } from './presets/q35-chipset.ts';
export { e1000e, hdAudio, nvme, uhci } from './presets/q35-endpoints.ts';
export {
  type Q35PortOptions,
  q35RootPort,
  xio3130Downstream,
  xio3130Upstream,
} from './presets/q35-ports.ts';
