import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const scratch = new Uint8Array(65_536);

/**
 * A regular file, if it has no more than `limit` bytes; undefined if it has more. Sizes that the file system tells are not
 * relied on: those of sysfs are invented. Not asynchronous: of thousands of small files, that takes ten times as long.
 * @param flags beside those for reading, e.g. O_NOFOLLOW
 * @throws Error of the system, or if it is no regular file
 */
export function readRegularFile(path: string, limit: number, flags = 0): Uint8Array | undefined {
  // What is a FIFO must not hold the reader up.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new Error('it is no regular file');
    const chunks: Uint8Array[] = [];
    for (let total = 0; ; ) {
      const read = readSync(file, scratch, 0, scratch.length, null);
      if (read === 0) return chunks.length === 1 ? chunks[0] : new Uint8Array(Buffer.concat(chunks));
      if ((total += read) > limit) return undefined;
      chunks.push(scratch.slice(0, read));
    }
  } finally {
    closeSync(file);
  }
}
