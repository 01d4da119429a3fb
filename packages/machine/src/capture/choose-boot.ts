import { bootOfMachine } from '../import/boot-log.ts';
import type { BootLog, LoggedBoot } from '../import/boot-record.ts';

/**
 * One boot of each log, the one that describes the machine first: of a kernel that is no crash kernel, with the functions that it
 * enumerated, else with the firmware's memory map.
 */
export function bootsOfMachine(logs: readonly BootLog[]): LoggedBoot[] {
  const best = logs.flatMap((log) => bootOfMachine(log) ?? []);
  const rank = (boot: LoggedBoot): number =>
    (boot.crashKernel ? 0 : 4) + (boot.functions.length > 0 ? 2 : 0) + (boot.e820.length > 0 ? 1 : 0);
  return best.sort((a, b) => rank(b) - rank(a));
}
