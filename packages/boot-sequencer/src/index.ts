export type { Corruption, DeviceVerdict, FaultCount, FaultTotals, Outcome } from './outcome/outcome.ts';
