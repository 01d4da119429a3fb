import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '@quiesce/simulation';

/** A log that is read piece by piece, however long it is. */
export interface OpenLog {
  /** As the user named it; `standard input` for `-`. */
  readonly file: string;
  /** Bytes on disk; undefined for a pipe. */
  readonly size: number | undefined;
  /** Unpacked pieces. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes read so far, as on disk. */
  readonly bytesRead: () => number;
  /** What was wrong with the packing: text before the damage has been delivered. */
  readonly damage: () => string | undefined;
}

/** First bytes of packings that are not unpacked here, and who unpacks them. */
const packings: readonly (readonly [readonly number[], string])[] = [
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz -dc'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd -dc'],
  [[0x42, 0x5a, 0x68], 'bzip2 -dc'],
  [[0x50, 0x4b, 0x03, 0x04], 'unzip -p'],
];

/**
 * Opens a log, plain or packed by gzip; `-` is standard input. Nothing is read before its pieces are asked for.
 * @throws UserError `INPUT_UNREADABLE`; while reading `LOG_PACKED` for other packings
 */
export async function openLog(file: string, stdin: AsyncIterable<Uint8Array>): Promise<OpenLog> {
  if (file === '-') return opened('standard input', undefined, stdin);
  const status = await stat(file).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new UserError('INPUT_UNREADABLE', `cannot be read: ${reason}`, { place: { file } });
  });
  if (status.isDirectory()) {
    throw new UserError('INPUT_UNREADABLE', 'is a folder', { expected: 'a log file', place: { file } });
  }
  if (!status.isFile() && !status.isFIFO()) {
    // /dev/kmsg waits for further messages for ever, /dev/zero never ends.
    throw new UserError('INPUT_UNREADABLE', 'is a device or a socket', {
      expected: 'a file, or a pipe: dmesg | quiesce diagnose -',
      place: { file },
    });
  }
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  return opened(file, status.isFile() ? status.size : undefined, stream as AsyncIterable<Uint8Array>);
}

function opened(file: string, size: number | undefined, source: AsyncIterable<Uint8Array>): OpenLog {
  const state: ReadingState = { read: 0, damage: undefined };
  return {
    file,
    size,
    chunks: unpacked(counted(source, state), file, state),
    bytesRead: () => state.read,
    damage: () => state.damage,
  };
}

interface ReadingState {
  read: number;
  damage: string | undefined;
}

async function* counted(source: AsyncIterable<Uint8Array>, state: ReadingState): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    state.read += bytes.length;
    yield bytes;
  }
}

async function* unpacked(
  source: AsyncGenerator<Uint8Array>,
  file: string,
  state: ReadingState,
): AsyncGenerator<Uint8Array> {
  const first = await source.next();
  if (first.done === true) return;
  const head = first.value;
  for (const [magic, tool] of packings) {
    if (!magic.every((byte, index) => head[index] === byte)) continue;
    throw new UserError('LOG_PACKED', 'is packed in a way that is not read here', {
      expected: `text or gzip: ${tool} unpacks it, and \`-\` reads a pipe`,
      place: { file },
    });
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield head;
    yield* source;
    return;
  }
  const gunzip = createGunzip();
  // An error destroys the unpacker: whoever reads from it is told.
  const feeding = pipeline(Readable.from(following(head, source)), gunzip).catch(() => undefined);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    // A log that was cut while it was packed is still a log: what came before the damage counts.
    state.damage = `the gzip data ends or is damaged: ${(error as Error).message}`;
  } finally {
    gunzip.destroy();
    await feeding;
  }
}

async function* following(head: Uint8Array, source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* source;
}
