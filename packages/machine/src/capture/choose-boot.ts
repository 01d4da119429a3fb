import { bootOfMachine } from '../import/boot-log.ts';
import type { BootLog, LoggedBoot } from '../import/boot-record.ts';

/** One kernel's boot, and the file of its log. */
export interface PlacedBoot {
  readonly boot: LoggedBoot;
  readonly file: string;
}

/**
 * The boots of several logs, the one that describes the machine first: of a kernel that is no crash kernel, with the functions
 * that it enumerated, else with the firmware's memory map.
 */
export function placedBoots(logs: readonly BootLog[]): PlacedBoot[] {
  const best = logs.flatMap((log) => {
    const boot = bootOfMachine(log);
    return boot === undefined ? [] : [{ boot, file: log.file }];
  });
  const rank = ({ boot }: PlacedBoot): number =>
    (boot.crashKernel ? 0 : 4) + (boot.functions.length > 0 ? 2 : 0) + (boot.e820.length > 0 ? 1 : 0);
  return best.sort((a, b) => rank(b) - rank(a));
}
