import type { CrashParameters } from './crash-parameters.ts';

/** Parameters that keep drivers from loading: of dracut, of modprobe, of the kernel. */
export const blacklists: readonly string[] = [
  'rd.driver.blacklist',
  'modprobe.blacklist',
  'module_blacklist',
];

/** Drivers that a command line keeps from loading; to modprobe and to the kernel `-` and `_` are the same. */
export function blacklistedDrivers(line: CrashParameters): ReadonlySet<string> {
  const names = blacklists.flatMap((name) => line.values(name));
  return new Set(names.map(moduleName).filter((name) => name !== ''));
}

/** `snd_hda_intel`, also of `snd-hda-intel`. */
export function moduleName(name: string): string {
  return name.trim().replaceAll('-', '_');
}
