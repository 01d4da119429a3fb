import { assertInputSize, captureText } from '../import/input-limits.ts';
import type { CapturedFile } from './captured-file.ts';

/** Little-endian UTF-16 with its mark: what PowerShell makes of `ssh host lspci > lspci.txt`. */
function isWide(content: Uint8Array): boolean {
  return content[0] === 0xff && content[1] === 0xfe && !(content[2] === 0 && content[3] === 0);
}

/** Text has hardly any zero bytes; a few control characters of a serial console may stand in it. */
export function isText({ content }: CapturedFile): boolean {
  if (typeof content === 'string') return !content.slice(0, 4096).includes('\u0000\u0000\u0000');
  if (isWide(content)) return true;
  let zeros = 0;
  const looked = Math.min(content.length, 4096);
  for (let i = 0; i < looked; i++) if (content[i] === 0) zeros++;
  return zeros * 20 <= looked;
}

/**
 * The text of a file, or of its beginning.
 * @throws UserError `INPUT_TOO_LARGE`
 */
export function capturedText(
  { path, content }: CapturedFile,
  atMost: number = Number.POSITIVE_INFINITY,
): string {
  if (atMost >= content.length) assertInputSize(content.length, path);
  const part = content.length > atMost ? content.slice(0, atMost) : content;
  if (typeof part !== 'string' && isWide(part)) {
    return captureText(new TextDecoder('utf-16le').decode(part), path);
  }
  return captureText(part, path);
}
