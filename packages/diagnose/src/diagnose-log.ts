import type { Diagnosis } from './diagnosis.ts';
import { LogReader, type LogReaderOptions } from './log-reader.ts';

/** How a stream is read. */
export interface DiagnoseOptions extends LogReaderOptions {
  /** Called about once for each MiB, and at the end. */
  readonly onProgress?: (progress: { readonly bytes: number; readonly lines: number }) => void;
}

const PROGRESS_BYTES = 1 << 20;

/**
 * Reads a log from any source of pieces: a file's stream, a `ReadableStream` of a browser, a list of strings.
 * Memory stays constant whatever the length.
 * @throws only what the source throws
 */
export async function diagnoseLog(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options: DiagnoseOptions,
): Promise<Diagnosis> {
  const reader = new LogReader(options);
  let reported = 0;
  for await (const chunk of chunks) {
    reader.push(chunk);
    if (reader.bytes - reported < PROGRESS_BYTES) continue;
    reported = reader.bytes;
    options.onProgress?.({ bytes: reader.bytes, lines: reader.lines });
  }
  const diagnosis = reader.finish();
  options.onProgress?.({ bytes: diagnosis.bytes, lines: diagnosis.lines });
  return diagnosis;
}

/** Reads a log that is in memory as a whole. Never throws. */
export function diagnoseText(log: string | Uint8Array, options: LogReaderOptions): Diagnosis {
  const reader = new LogReader(options);
  reader.push(log);
  return reader.finish();
}
