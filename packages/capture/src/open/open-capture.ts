import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CapturedFile, ImportNote } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { describeError } from './describe-error.ts';
import { FileBasket } from './file-basket.ts';
import { machineFolder } from './machine-folder.ts';
import { defaultOpenLimits, type OpenLimits } from './open-limits.ts';
import { beginsTar, readTar } from './read-tar.ts';
import { beginsZip, readZip } from './read-zip.ts';
import { type Packing, packingOf, unpackedChunks } from './unpacked-chunks.ts';
import { gather, nameUnpacked } from './unpacked-file.ts';
import { walkFolder } from './walk-folder.ts';

/** Files of a machine, as `importCapture` of @quiesce/machine takes them. */
export interface OpenedCapture {
  readonly files: readonly CapturedFile[];
  /** What was not taken, counted, and damage to archives. */
  readonly notes: readonly ImportNote[];
}

/**
 * Reads what somebody has of a machine: what `quiesce capture` wrote, files, folders (a sysfs tree, an unpacked sos
 * report, any folder of captures), archives (zip; tar, plain or packed by gzip, xz, zstd or bzip2), packed logs. Several
 * paths of one machine are taken together; a damaged archive among them is noted. What something is follows from its bytes,
 * not from its name. Nothing is written.
 * @throws UserError `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`, `CAPTURE_TOO_LARGE`, `ARCHIVE_BOMB`, `ARCHIVE_DAMAGED`
 */
export async function openCapture(
  paths: string | readonly string[],
  limits: Partial<OpenLimits> = {},
): Promise<OpenedCapture> {
  const basket = new FileBasket({ ...defaultOpenLimits, ...limits });
  let damaged: UserError | undefined;
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const before = basket.seen;
    await openOne(path, basket).catch((error: unknown) => {
      if (!(error instanceof UserError) || error.code !== 'ARCHIVE_DAMAGED') throw error;
      damaged ??= error;
      basket.note(path, error.message, error.place.offset);
    });
    if (basket.seen === before) basket.note(path, 'there is no file in it');
  }
  if (damaged !== undefined && basket.files.length === 0) throw damaged;
  noteLinksOut(basket);
  return { files: basket.files, notes: basket.notes() };
}

/** Functions of sysfs are links into `sys/devices`: without that folder there is nothing of them. */
function noteLinksOut(basket: FileBasket): void {
  const links = basket.files.flatMap(({ path, link }) => {
    const name = link === undefined ? undefined : /(?:^|\/)sys\/bus\/pci\/devices\/([^/]+)$/.exec(path)?.[1];
    return name === undefined ? [] : [{ path, name }];
  });
  const [first] = links;
  if (first === undefined) return;
  const there = new Set(basket.files.map(({ path }) => path.split('/').at(-2)));
  const missing = links.filter(({ name }) => !there.has(name)).length;
  if (missing === 0) return;
  basket.note(
    first.path,
    `links of ${missing} PCI functions lead to what is not there: take the folder sys as a whole`,
  );
}

async function openOne(path: string, basket: FileBasket): Promise<void> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, describeError(error));
  });
  if (status.isDirectory()) {
    const real = await realpath(path);
    return await walkFolder(real, machineFolder(real), basket);
  }
  if (status.isBlockDevice() || status.isSocket()) throw unreadable(path, 'it is a device or a socket');
  await readFileOrArchive(chunksOf(path), path, status.isFile(), basket);
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unreadable(path, describeError(error as Error));
  }
}

async function readFileOrArchive(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  isFile: boolean,
  basket: FileBasket,
): Promise<void> {
  const { head, all } = await peek(chunks);
  const packing = packingOf(head);
  if (packing !== undefined) return await readPacked(all, packing, path, basket);
  if (beginsTar(head)) return await readTar(all, path, basket);
  if (beginsZip(head)) {
    // Its directory stands at its end.
    if (!isFile) return await readZip(await gather(all, path, basket.limits), path, basket);
    await all.return(undefined);
    return await readZip(path, path, basket);
  }
  basket.add({ path, content: await gather(all, path, basket.limits) });
}

async function readPacked(
  packed: AsyncIterable<Uint8Array>,
  packing: Packing,
  path: string,
  basket: FileBasket,
): Promise<void> {
  const { head, all } = await peek(unpackedChunks(packed, packing, path, basket.limits));
  if (beginsTar(head)) return await readTar(all, path, basket);
  basket.add({ path: nameUnpacked(path), content: await gather(all, path, basket.limits) });
}

/** The first 512 bytes, or fewer if there are no more, and everything again from the start. */
async function peek(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < 512) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    first.push(value);
    bytes += value.length;
  }
  const begin = new Uint8Array(Buffer.concat(first));
  const all = (async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield begin;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
  return { head: begin.subarray(0, 512), all };
}

function unreadable(path: string, reason: string): UserError {
  return new UserError('INPUT_UNREADABLE', `${basename(path)} cannot be read: ${reason}`, {
    expected: 'a file, a folder or an archive',
    place: { file: path },
  });
}
