import type { Workload } from '../harness/side.ts';
import { calendar } from './calendar.ts';
import { captureImport } from './capture-import.ts';
import { configRead } from './config-read.ts';
import { crashToDump, flatMemory } from './crash-to-dump.ts';
import { logStream } from './log-stream.ts';
import { lspciImport } from './lspci-import.ts';
import { tableWalk, tlbHit } from './translation.ts';

/** Every workload, in the order in which they are run. */
export const workloads: Readonly<Record<string, () => Workload | Promise<Workload>>> = {
  calendar,
  walk: tableWalk,
  iotlb: tlbHit,
  config: configRead,
  crash: crashToDump,
  memory: flatMemory,
  lspci: lspciImport,
  captures: captureImport,
  log: logStream,
};
