import type { CapturedFile } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import type { FileBasket } from './file-basket.ts';
import { assertFileSize, type OpenLimits } from './open-limits.ts';
import { packingOf, unpackedChunks } from './unpacked-chunks.ts';

/** A file of a folder or an archive as it is, or unpacked if it is packed (`kern.log.1.gz`); damage is noted. */
export async function unpackedFile(
  path: string,
  content: Uint8Array,
  basket: FileBasket,
): Promise<CapturedFile> {
  const packing = packingOf(content);
  if (packing === undefined) return { path, content };
  const packed = (async function* (): AsyncGenerator<Uint8Array> {
    yield content;
  })();
  try {
    const unpacked = await gather(unpackedChunks(packed, packing, path, basket.limits), path, basket.limits);
    return { path: nameUnpacked(path), content: unpacked };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'ARCHIVE_DAMAGED') throw error;
    basket.note(path, error.message, error.place.offset);
    return { path, content };
  }
}

/** Name of a packed file without the ending that says so. */
export function nameUnpacked(path: string): string {
  return path.replace(/\.(gz|xz|zst|bz2)$/i, '');
}

/** @throws UserError `INPUT_TOO_LARGE` if the chunks are more than one file may have */
export async function gather(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  limits: OpenLimits,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of chunks) {
    assertFileSize((total += chunk.length), limits, path);
    parts.push(chunk);
  }
  return new Uint8Array(Buffer.concat(parts));
}
