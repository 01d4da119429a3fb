import * as zlib from 'node:zlib';
import { UserError } from '@quiesce/simulation';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import type { FileBasket } from './file-basket.ts';
import { assertNoBomb } from './open-limits.ts';
import { isRelevant } from './relevant-paths.ts';
import { unpackedFile } from './unpacked-file.ts';
import { withoutPadding } from './without-padding.ts';

/** Local file header, or the end of an archive without files (APPNOTE 6.3.10, 4.3.7 and 4.3.16). */
export function beginsZip(head: Uint8Array): boolean {
  const [p, k, one, two] = head;
  return p === 0x50 && k === 0x4b && ((one === 3 && two === 4) || (one === 5 && two === 6));
}

/** File types of Unix, in the upper half of the external attributes of what a Unix system made. */
const TYPE = 0xf000;
const REGULAR = 0x8000;
const LINK = 0xa000;
const MADE_ON_UNIX = 3;
const LONGEST_NAME = 4096;

/**
 * Puts the files of a zip archive that can matter into the basket, as the archive's directory lists them. Nothing is written
 * anywhere: symbolic links become links; paths that climb, other special entries and what is encrypted are counted and
 * passed over. Damage to one file is noted, and costs no other.
 * @param from path of the archive, or its bytes
 * @throws UserError `ARCHIVE_DAMAGED` if it has no directory, `ARCHIVE_BOMB`, `CAPTURE_TOO_LARGE`
 */
export async function readZip(from: string | Uint8Array, source: string, basket: FileBasket): Promise<void> {
  const before = basket.seen;
  let archive: ZipFile | undefined;
  let unpacked = 0;
  try {
    const options = { decodeStrings: false } as const;
    archive =
      typeof from === 'string'
        ? await openPromise(from, options)
        : await fromBufferPromise(Buffer.from(from.buffer, from.byteOffset, from.length), options);
    for await (const entry of archive.eachEntry()) {
      const parts = partsOf(entry);
      basket.countEntry(source);
      const why = objection(entry, parts, basket.limits.fileBytes);
      if (why !== undefined) {
        if (why !== FOLDER) basket.passOver(source, why);
        continue;
      }
      const path = parts.join('/');
      const content = await contentOf(archive, entry, path, basket);
      if (content === undefined) continue;
      assertNoBomb((unpacked += content.length), archive.fileSize, basket.limits, source);
      if (typeOf(entry) === LINK)
        basket.add({ path, content: '', link: Buffer.from(content).toString('utf8') });
      else basket.add(await unpackedFile(path, withoutPadding(parts, content), basket));
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { message } = error as Error;
    if (basket.seen === before) {
      throw new UserError('ARCHIVE_DAMAGED', `is damaged as zip: ${message}`, {
        expected: 'a whole archive: what it holds is listed at its end',
        place: { file: source },
      });
    }
    basket.note(source, `the archive is damaged, what follows is lost: ${message}`);
  } finally {
    archive?.close();
  }
}

const FOLDER = 'folders';

function objection(entry: Entry, parts: readonly string[], fileBytes: number): string | undefined {
  const type = typeOf(entry);
  if (parts.length === 0 || entry.fileNameRaw.at(-1) === 0x2f) return FOLDER;
  if (parts.includes('..')) return 'their paths climb out of the archive';
  if (type !== 0 && type !== REGULAR && type !== LINK) return 'they are no files';
  if (!isRelevant(parts)) return 'they say nothing about devices, remapping or kdump';
  if (entry.isEncrypted()) return 'they are encrypted';
  if (!entry.canDecodeFileData()) return 'they are packed in a way that few programs know';
  const most = type === LINK ? LONGEST_NAME : fileBytes;
  if (entry.uncompressedSize > most) return `they are larger than ${fileBytes / 2 ** 20} MiB`;
  return entry.fileNameRaw.length > LONGEST_NAME ? 'their names are too long' : undefined;
}

/** Components of a name; some programs on Windows write it with backslashes. */
function partsOf({ fileNameRaw }: Entry): string[] {
  const name = fileNameRaw.subarray(0, LONGEST_NAME + 1).toString('utf8');
  return name.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
}

/** 0 where the archive does not say. */
function typeOf({ versionMadeBy, externalFileAttributes }: Entry): number {
  return versionMadeBy >>> 8 === MADE_ON_UNIX ? (externalFileAttributes >>> 16) & TYPE : 0;
}

/** What the entry holds, as far as it can be unpacked; undefined if that is nothing at all. */
async function contentOf(
  archive: ZipFile,
  entry: Entry,
  path: string,
  basket: FileBasket,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    // Never more than the directory says, which is within the limits.
    for await (const chunk of await archive.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array);
  } catch (error) {
    const content = new Uint8Array(Buffer.concat(chunks));
    const kept = `${content.length} of ${entry.uncompressedSize} bytes are used`;
    basket.note(path, `is damaged in its archive, ${kept}: ${(error as Error).message}`);
    return content.length === 0 ? undefined : content;
  }
  const content = new Uint8Array(Buffer.concat(chunks));
  if (zlib.crc32(content) !== entry.crc32)
    basket.note(path, 'does not have the checksum that its archive says');
  return content;
}
