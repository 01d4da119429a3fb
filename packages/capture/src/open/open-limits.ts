import { UserError } from '@quiesce/simulation';

/** How much of what somebody hands in is read. What is above a limit is refused, or counted in a note. */
export interface OpenLimits {
  /** Files that are kept. */
  readonly files: number;
  /** Files and folders that are looked at in a folder or an archive. */
  readonly entries: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files that are kept. */
  readonly totalBytes: number;
  /** Bytes that an archive may unpack to, what is passed over included. */
  readonly unpackedBytes: number;
  /** Times its size that an archive may unpack to, once it has come to `denseBytes`: a log of one line over and over packs well. */
  readonly unpackedRatio: number;
  readonly denseBytes: number;
  /** Folders within folders. */
  readonly depth: number;
}

/** Limits that every report of a machine stays below, and that a laptop can bear. */
export const defaultOpenLimits: OpenLimits = {
  files: 100_000,
  entries: 1_000_000,
  fileBytes: 256 * 2 ** 20,
  totalBytes: 512 * 2 ** 20,
  unpackedBytes: 4 * 2 ** 30,
  unpackedRatio: 500,
  denseBytes: 128 * 2 ** 20,
  depth: 24,
};

/** @throws UserError `ARCHIVE_BOMB` if `unpacked` bytes are too many for an archive of `packed` bytes */
export function assertNoBomb(unpacked: number, packed: number, limits: OpenLimits, file: string): void {
  const tooMany = unpacked > limits.unpackedBytes;
  const tooDense = unpacked > limits.denseBytes && unpacked > packed * limits.unpackedRatio;
  if (!tooMany && !tooDense) return;
  throw new UserError('ARCHIVE_BOMB', `unpacks to more than ${Math.floor(unpacked / 2 ** 20)} MiB`, {
    expected: `at most ${limits.unpackedBytes / 2 ** 20} MiB, and ${limits.unpackedRatio} times what it is packed`,
    place: { file },
  });
}

/** @throws UserError `INPUT_TOO_LARGE` */
export function assertFileSize(bytes: number, limits: OpenLimits, file: string): void {
  if (bytes <= limits.fileBytes) return;
  throw new UserError('INPUT_TOO_LARGE', `is larger than ${limits.fileBytes / 2 ** 20} MiB`, {
    expected: 'a capture of one machine',
    place: { file },
  });
}
