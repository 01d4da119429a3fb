import { constants } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from './describe-error.ts';
import type { FileBasket } from './file-basket.ts';
import { readRegularFile } from './read-regular-file.ts';
import { isOfMachine, isRelevant, mayHoldRelevant } from './relevant-paths.ts';
import { packingOf } from './unpacked-chunks.ts';
import { unpackedFile } from './unpacked-file.ts';

/**
 * Puts the files of a folder that can matter into the basket. Symbolic links are recorded, never followed; what is no
 * regular file is not opened. A live `/sys` can be walked: files that it is hazardous to read are never read.
 * @param folder as the file system knows it
 * @param name components that its files' paths begin with
 * @throws UserError `CAPTURE_TOO_LARGE`
 */
export async function walkFolder(folder: string, name: readonly string[], basket: FileBasket): Promise<void> {
  const source = name.join('/') || folder;
  const waiting: { readonly folder: string; readonly parts: readonly string[]; readonly depth: number }[] = [
    { folder, parts: name, depth: 0 },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { folder: here, parts, depth } = next;
    const entries = await readdir(here, { withFileTypes: true }).catch((error: Error) => {
      basket.note(parts.join('/') || folder, `cannot be read: ${describeError(error)}`);
      return [];
    });
    const below: typeof waiting = [];
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      basket.countEntry(source);
      const path = [...parts, entry.name];
      const full = join(here, entry.name);
      if (entry.isDirectory()) {
        if (!mayHoldRelevant(path)) continue;
        if (depth >= basket.limits.depth) basket.note(path.join('/'), 'this folder is too deep to be read');
        else below.push({ folder: full, parts: path, depth: depth + 1 });
      } else if (!isRelevant(path)) {
        basket.passOver(source, 'they say nothing about devices, remapping or kdump');
      } else if (entry.isSymbolicLink() && !isOfMachine(path)) {
        basket.passOver(source, 'they are symbolic links, which are not followed');
      } else if (entry.isSymbolicLink()) {
        basket.add({ path: path.join('/'), content: '', link: await readlink(full).catch(() => '') });
      } else if (entry.isFile()) {
        await takeFile(full, path.join('/'), source, basket);
      } else {
        basket.passOver(source, 'they are no regular files');
      }
    }
    waiting.push(...below.reverse());
  }
}

async function takeFile(full: string, path: string, source: string, basket: FileBasket): Promise<void> {
  let content: Uint8Array | undefined;
  try {
    content = readRegularFile(full, basket.limits.fileBytes, constants.O_NOFOLLOW);
  } catch (error) {
    basket.note(path, `cannot be read: ${describeError(error as Error)}`);
    return;
  }
  if (content === undefined)
    basket.passOver(source, `they are larger than ${basket.limits.fileBytes / 2 ** 20} MiB`);
  else if (packingOf(content) === undefined) basket.add({ path, content });
  else basket.add(await unpackedFile(path, content, basket));
}
