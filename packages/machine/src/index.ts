export type {
  ImportNote,
  Inference,
  Machine,
  MachineFunction,
  MachineRegion,
  MachineUnit,
  Workload,
} from './description/machine.ts';
