import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What stands at a path of a made-up machine: text, bytes, or where a symbolic link leads. */
export type TreeEntry = string | Uint8Array | { readonly link: string };

/** Writes a machine's files below a new folder, hands it over, and takes it away again. */
export async function withTree<Result>(
  entries: Readonly<Record<string, TreeEntry>>,
  use: (root: string) => Result | Promise<Result>,
): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), 'quiesce-capture-'));
  try {
    for (const [path, entry] of Object.entries(entries)) {
      const full = join(root, path);
      mkdirSync(dirname(full), { recursive: true });
      if (typeof entry === 'object' && 'link' in entry) symlinkSync(entry.link, full);
      else writeFileSync(full, entry);
    }
    return await use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
