import { open } from 'node:fs/promises';
import { maxInputBytes } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';

/**
 * Reads a capture whole. What is too large is refused before it is read, and no more than that is ever read from what
 * has no size (a pipe, a device).
 * @throws UserError `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`
 */
export async function readInput(file: string): Promise<Uint8Array> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new UserError('INPUT_UNREADABLE', `cannot be read: ${reason}`, { place: { file } });
  });
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw new UserError('INPUT_UNREADABLE', 'is a folder', { expected: 'a file', place: { file } });
    }
    if (stat.size > maxInputBytes) throw tooLarge(file);
    const chunks: Buffer[] = [];
    let total = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > maxInputBytes) throw tooLarge(file);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}

function tooLarge(file: string): UserError {
  return new UserError('INPUT_TOO_LARGE', `is larger than ${maxInputBytes / 2 ** 20} MiB`, {
    expected: 'a capture of one machine',
    place: { file },
  });
}
