export { type ConsoleLine, ConsoleLog } from './console/console-log.ts';
export { GdbClient } from './gdb/gdb-client.ts';
export { GuestRegisters, type RegisterName } from './gdb/guest-registers.ts';
export { FrameFlood } from './network/frame-flood.ts';
export { withDeadline } from './process/deadline.ts';
export type { QemuOptions } from './process/qemu-command.ts';
export { QemuError, type QemuErrorCode } from './process/qemu-error.ts';
export { QemuProcess } from './process/qemu-process.ts';
export { QmpClient, type QmpEvent } from './qmp/qmp-client.ts';
export { type QtestAccess, QtestClient } from './qtest/qtest-client.ts';
export { qemuTopology } from './topology/qemu-topology.ts';
export type {
  QemuBackend,
  QemuNetwork,
  QemuTopology,
  QemuTopologyOptions,
} from './topology/topology-description.ts';
export { type TraceEvent, TraceLog } from './trace/trace-log.ts';
