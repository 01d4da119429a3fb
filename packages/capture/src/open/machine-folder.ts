const belowSys: ReadonlySet<string> = new Set(['bus', 'class', 'devices', 'firmware', 'kernel', 'module']);

/**
 * What the paths of a folder's files begin with, as components: `sys/bus/pci/devices` for that folder of this or of
 * another machine's sysfs, wherever it stands; nothing for the root of a machine's files; else the folder's own name.
 * @param folder absolute
 */
export function machineFolder(folder: string): string[] {
  const parts = folder.split('/').filter((part) => part !== '');
  const sys = parts.findLastIndex(
    (part, index) =>
      part === 'sys' && (index === parts.length - 1 || belowSys.has(parts[index + 1] as string)),
  );
  if (sys >= 0) return parts.slice(sys);
  return parts.slice(-1);
}
