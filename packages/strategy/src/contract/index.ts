export { type ContractReport, checkContract, contractLaws, type LawResult } from './check-contract.ts';
export type {
  AnyPlugin,
  ConfigDifference,
  ContractLaboratory,
  ContractRequest,
  ContractRun,
  HookRun,
} from './laboratory.ts';
export type { ContractLaw, LawVerdict } from './law.ts';
export type { MiniFunction, MiniFunctionDescription } from './mini-laboratory/mini-function.ts';
export { miniLaboratory } from './mini-laboratory/mini-laboratory.ts';
export { type MiniContextRequest, type MiniKernelCall, MiniMachine } from './mini-laboratory/mini-machine.ts';
export {
  type MiniMachineDescription,
  onePort,
  switchAndDisplay,
} from './mini-laboratory/mini-machines.ts';
export type { MiniMemory } from './mini-laboratory/mini-memory.ts';
export type { MiniTopology } from './mini-laboratory/mini-topology.ts';
export type { MiniUnit } from './mini-laboratory/mini-unit.ts';
