import type { DeviceVerdict } from '@quiesce/boot-sequencer';

/** What the second kernel's /init said of a function. */
export interface DeviceLine {
  readonly driver: string | null;
  /** Whether the function did what it is for; null where nothing was tried. */
  readonly works: boolean | null;
}

const LINE = /^device (\S+) driver=(\S+) works=(yes|no|none)$/;

/** By function name. */
export function deviceLines(lines: readonly string[]): Map<string, DeviceLine> {
  const found = new Map<string, DeviceLine>();
  for (const line of lines) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, name, driver, works] = match as unknown as [string, string, string, string];
    found.set(name, {
      driver: driver === 'none' ? null : driver,
      works: works === 'none' ? null : works === 'yes',
    });
  }
  return found;
}

/**
 * What the second kernel has of a function, in the words of the model.
 *
 * @param expected whether it has a driver for it
 * @param answers whether config space answered when /init began
 * @param line undefined if the function is not among the kernel's devices
 * @param cameToDrivers whether the run came as far as to load drivers
 */
export function deviceVerdict(
  expected: boolean,
  answers: boolean,
  line: DeviceLine | undefined,
  cameToDrivers: boolean,
): DeviceVerdict {
  if (cameToDrivers && (line === undefined || !answers)) return 'lost';
  if (!expected) return 'no-driver';
  return line !== undefined && line.driver !== null && line.works !== false ? 'working' : 'failed';
}
