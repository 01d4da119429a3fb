import { captureText } from '../import/input-limits.ts';
import type { CapturedFile } from './captured-file.ts';
import type { Stated } from './host-facts.ts';

/** The first of these files of `/sys` that a capture has, as a number; undefined if none of them is one. */
export function sysfsNumber(
  files: readonly CapturedFile[],
  paths: readonly string[],
): Stated<number> | undefined {
  for (const path of paths) {
    const file = files.find((one) => one.path === path || one.path.endsWith(`/${path}`));
    if (file === undefined) continue;
    const text = captureText(file.content.slice(0, 64), file.path).trim();
    if (/^\d{1,15}$/.test(text)) return { value: Number(text), file: file.path };
  }
  return undefined;
}
