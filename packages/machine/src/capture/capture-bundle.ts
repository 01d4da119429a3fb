import type { UnreadFile } from './captured-file.ts';

/** A file of a bundle: text as it stood there, other bytes as hexadecimal digits, or where a link leads. */
export type BundledFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly hex: string }
  | { readonly path: string; readonly link: string };

/**
 * A machine as `quiesce capture` writes it: the files that were read, by the paths that they have on the machine, as JSON
 * (`@quiesce/machine/capture.schema.json`).
 */
export interface CaptureBundle {
  readonly schema: 'quiesce/capture/1';
  /** What took it: `quiesce 1.2.0`, `quiesce capture script 1`. */
  readonly tool: string;
  /** ISO 8601, UTC, to the second. */
  readonly taken: string;
  /** Taken as root. */
  readonly privileged: boolean;
  /** Kinds of things that were looked for and how many were replaced, e.g. `mac-address: 3`; empty if none was looked for. */
  readonly redacted: readonly string[];
  readonly files: readonly BundledFile[];
  readonly unread: readonly UnreadFile[];
}
