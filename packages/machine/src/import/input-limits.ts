import { UserError } from '@quiesce/simulation';

/** Input above this is refused unread. A reader of files should ask for the size before it reads. */
export const maxInputBytes: number = 256 * 1024 * 1024;

/** @throws UserError `INPUT_TOO_LARGE` */
export function assertInputSize(bytes: number, file: string): void {
  if (bytes > maxInputBytes) {
    throw new UserError('INPUT_TOO_LARGE', `${bytes} bytes are too many for a capture`, {
      expected: `at most ${maxInputBytes} bytes`,
      place: { file },
    });
  }
}

/** Text of a capture that may have come as bytes. Bytes that are no UTF-8 become replacement characters. */
export function captureText(input: string | Uint8Array, file: string): string {
  assertInputSize(input.length, file);
  return typeof input === 'string' ? input : new TextDecoder().decode(input);
}

/** Calls `take` for each line without its line ending; lines count from 1. */
export function eachLine(text: string, take: (line: string, number: number) => void): void {
  let start = 0;
  let number = 1;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    let end = newline < 0 ? text.length : newline;
    const next = newline < 0 ? text.length : newline + 1;
    if (end > start && text.charCodeAt(end - 1) === 13) end--;
    take(text.slice(start, end), number++);
    start = next;
  }
}

/**
 * Cuts chunks of a stream into lines, keeping no more than one line in memory.
 * @throws UserError `INPUT_TOO_LARGE`
 */
export async function eachLineOf(
  chunks: AsyncIterable<string | Uint8Array>,
  file: string,
  take: (line: string, number: number) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 1;
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    assertInputSize(total, file);
    const text = rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
    const cut = text.lastIndexOf('\n') + 1;
    rest = text.slice(cut);
    if (rest.length > maxLineLength) {
      throw new UserError('INPUT_LINE', `a line is longer than ${maxLineLength} characters`, {
        place: { file, line: number },
      });
    }
    const first = number;
    eachLine(text.slice(0, cut), (line, at) => {
      number = first + at;
      take(line, first + at - 1);
    });
  }
  if (rest !== '') take(rest, number);
}

/** No capture has lines of more than a few hundred characters; binary files do. */
const maxLineLength = 1024 * 1024;
