import { ReadableStream } from 'node:stream/web';
import { UserError } from '@quiesce/simulation';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import type { FileBasket } from './file-basket.ts';
import { isRelevant } from './relevant-paths.ts';
import { unpackedFile } from './unpacked-file.ts';
import { withoutPadding } from './without-padding.ts';

/** Whether bytes begin a tar archive: its magic, or the checksum of a header from before there was one. */
export function beginsTar(head: Uint8Array): boolean {
  if (head.length < 512) return false;
  if (new TextDecoder('latin1').decode(head.subarray(257, 262)) === 'ustar') return true;
  const said = Number.parseInt(new TextDecoder('latin1').decode(head.subarray(148, 156)).trim(), 8);
  let sum = 8 * 32;
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += head[at] as number;
  return said === sum && head[0] !== 0;
}

/**
 * Puts the files of an archive that can matter into the basket. Nothing is written anywhere: symbolic links become links,
 * other special entries and paths that climb are counted and passed over. What stands before damage is kept.
 * @throws UserError `CAPTURE_TOO_LARGE`, and what reading the chunks throws
 */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  basket: FileBasket,
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  let failure: unknown;
  let offset = 0;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done === true) return controller.close();
        offset += value.length;
        controller.enqueue(value);
      } catch (error) {
        // As an error it would never reach whoever reads an entry's body; the end of the archive does.
        failure = error;
        controller.close();
      }
    },
  });
  const before = basket.files.length;
  try {
    const entries = stream.pipeThrough(createTarDecoder({ strict: false }) as never);
    for await (const entry of entries as AsyncIterable<ParsedTarEntry>)
      await takeEntry(entry, source, basket);
    if (failure !== undefined) throw failure;
  } catch (error) {
    if (error instanceof UserError && failure === undefined) throw error;
    const reason = (failure ?? error) as Error;
    if (reason instanceof UserError && reason.code !== 'ARCHIVE_DAMAGED') throw reason;
    if (basket.files.length === before) {
      throw new UserError('ARCHIVE_DAMAGED', `is damaged as an archive: ${reason.message}`, {
        place: { file: source, offset },
      });
    }
    basket.note(source, `the archive is damaged, what follows is lost: ${reason.message}`, offset);
  } finally {
    await iterator.return?.(undefined);
  }
}

async function takeEntry(entry: ParsedTarEntry, source: string, basket: FileBasket): Promise<void> {
  const { header, body } = entry;
  basket.countEntry(source);
  const parts = header.name.split('/').filter((part) => part !== '' && part !== '.');
  const why = objection(header, parts, basket.limits.fileBytes);
  if (why !== undefined) {
    if (header.type !== 'directory') basket.passOver(source, why);
    await drained(body);
    return;
  }
  const path = parts.join('/');
  if (header.type === 'symlink') {
    await drained(body);
    basket.add({ path, content: '', link: header.linkname ?? '' });
    return;
  }
  const content: Uint8Array[] = [];
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) content.push(chunk);
  const whole = Buffer.concat(content);
  basket.add(
    await unpackedFile(
      path,
      withoutPadding(parts, new Uint8Array(whole.buffer, whole.byteOffset, whole.length)),
      basket,
    ),
  );
  if (whole.length !== header.size) basket.note(path, `ends after ${whole.length} of ${header.size} bytes`);
}

/** Reads to the end: a body that is cancelled can hold up the entries behind it for good. */
async function drained(body: ParsedTarEntry['body']): Promise<void> {
  const reader = body.getReader();
  while (!(await reader.read()).done);
}

function objection(
  header: ParsedTarEntry['header'],
  parts: readonly string[],
  fileBytes: number,
): string | undefined {
  const type = header.type ?? 'file';
  if (parts.length === 0 || type === 'directory') return 'folders';
  if (parts.includes('..')) return 'their paths climb out of the archive';
  if (type !== 'file' && type !== 'symlink') return `they are no files but of type ${type}`;
  if (!isRelevant(parts)) return 'they say nothing about devices, remapping or kdump';
  if (header.size > fileBytes) return `they are larger than ${fileBytes / 2 ** 20} MiB`;
  if (header.name.length > 4096 || (header.linkname?.length ?? 0) > 4096) return 'their names are too long';
  return undefined;
}
