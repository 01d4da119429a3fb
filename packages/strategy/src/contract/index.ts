export type {
  AnyPlugin,
  ConfigDifference,
  ContractLaboratory,
  ContractRequest,
  ContractRun,
  HookRun,
} from './laboratory.ts';
