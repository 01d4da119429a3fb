import { parseFunctionName } from '../../description/function-name.ts';

const below: ReadonlySet<string> = new Set(['class', 'block', 'devices']);

/** Components of a path below `/sys`, wherever a report has that folder; undefined for a file of another place. */
export function partsBelowSys(path: string): readonly string[] | undefined {
  if (path.length > 4096) return undefined;
  const parts = path.split('/');
  const sys = parts.findIndex((part, index) => part === 'sys' && below.has(parts[index + 1] ?? ''));
  return sys < 0 ? undefined : parts.slice(sys + 1);
}

/** A link of `/sys/class` as a folder below `/sys`: `devices/pci0000:00/0000:00:1f.2/…`; undefined if it leads elsewhere. */
export function deviceFolder(link: string): string | undefined {
  if (link.length > 4096) return undefined;
  const at = link.indexOf('devices/');
  return at >= 0 && /^[./]*(?:sys\/)?$/.test(link.slice(0, at)) ? link.slice(at) : undefined;
}

/** The PCI function nearest to a device, by its folder; undefined if there is none above it. */
export function nearestFunction(folder: string): string | undefined {
  return folder.split('/').findLast((part) => parseFunctionName(part) !== undefined);
}
