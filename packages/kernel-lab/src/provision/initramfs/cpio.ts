import { UserError } from '@quiesce/simulation';

/** What stands at one path of an archive. */
export type CpioEntry =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'character'; readonly mode: number; readonly major: number; readonly minor: number };

/** File types of the mode word (POSIX cpio). */
const type = { directory: 0o040000, file: 0o100000, link: 0o120000, character: 0o020000 } as const;

/** A size is eight hexadecimal digits, and the kernel keeps it in a signed 32-bit word. */
const MOST_CONTENT = 0x7fff_ffff;

/**
 * Writes an archive in the `newc` format that the kernel unpacks (Documentation/driver-api/early-userspace/buffer-format.rst).
 * Deterministic: entries by path, parents made where they are missing, owned by root, of the year 1970.
 * @param entries - by path without a leading slash
 * @throws UserError `LAB_CPIO` for a path that is absolute or climbs, and for a file of 2 GiB or more
 */
export function writeCpio(entries: ReadonlyMap<string, CpioEntry>): Buffer {
  const all = new Map<string, CpioEntry>(entries);
  for (const path of entries.keys()) {
    if (path === '' || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw new UserError('LAB_CPIO', `Not a path within an archive: ${path}`, { expected: 'dir/file' });
    }
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash);
      if (!all.has(parent)) all.set(parent, { kind: 'directory' });
    }
  }
  const parts: Uint8Array[] = [];
  let inode = 0;
  for (const path of [...all.keys()].sort(byBytes)) parts.push(...record(path, all.get(path)!, ++inode));
  parts.push(...record('TRAILER!!!', { kind: 'file', content: new Uint8Array(), mode: 0 }, 0));
  return Buffer.concat(parts);
}

function record(path: string, entry: CpioEntry, inode: number): Uint8Array[] {
  const content = contentOf(entry);
  if (content.length > MOST_CONTENT) {
    throw new UserError('LAB_CPIO', `${path} is too long for an archive: ${content.length} bytes`);
  }
  const name = Buffer.from(`${path}\0`, 'utf8');
  const device = entry.kind === 'character' ? [entry.major, entry.minor] : [0, 0];
  const links = entry.kind === 'directory' ? 2 : 1;
  const fields = [inode, modeOf(entry), 0, 0, links, 0, content.length, 0, 0, ...device, name.length, 0];
  const header = Buffer.from(`070701${fields.map(hex8).join('')}`, 'latin1');
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === 'file') return entry.content;
  return Buffer.from(entry.kind === 'link' ? entry.target : '', 'utf8');
}

function modeOf(entry: CpioEntry): number {
  if (entry.kind === 'directory') return type.directory | 0o755;
  if (entry.kind === 'link') return type.link | 0o777;
  // The trailer has no type.
  return entry.kind === 'file' && entry.mode === 0 ? 0 : type[entry.kind] | entry.mode;
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
