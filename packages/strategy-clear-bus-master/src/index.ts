export { type ClearBusMasterOptions, clearBusMaster, default } from './clear-bus-master.ts';
