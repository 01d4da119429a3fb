/** Folders at the top of a machine, and of a sos report, below which files mean what their path says. */
const topFolders: ReadonlySet<string> = new Set(['sys', 'proc', 'etc', 'var', 'boot', 'sos_commands']);

/**
 * The path that a file has on its machine, without the leading slash, however deep below a folder of a report it stands:
 * `sosreport-x/proc/iomem` is `proc/iomem`. Undefined for a file that stands below no such folder, or whose path climbs
 * (`..`): it is known by its content alone.
 */
export function machinePath(path: string): string | undefined {
  const parts = path.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return undefined;
  const top = parts.findIndex((_, index) => index < parts.length - 1 && isTop(parts, index));
  return top < 0 ? undefined : parts.slice(top).join('/');
}

/** `dev` is what many people call a folder of theirs: there, links to devices tell. */
function isTop(parts: readonly string[], index: number): boolean {
  const part = parts[index] as string;
  return topFolders.has(part) || (part === 'dev' && /^(?:disk|md)$/.test(parts[index + 1] ?? ''));
}

/** Last component of a path or of a link. */
export function lastComponent(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
