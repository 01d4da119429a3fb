import type { FunctionPlace } from '../description/function-name.ts';
import type { ImportNote } from '../description/machine.ts';
import { captureText, eachLine, eachLineOf } from './input-limits.ts';
import type { DecodedRange } from './lspci-decoded-space.ts';
import { LspciReader } from './lspci-reader.ts';

/** A function as `lspci` printed it. */
export interface LspciFunction extends FunctionPlace {
  /** `0000:01:00.0` */
  readonly name: string;
  /** Text of the heading: class, maker and device in the words of the machine that printed them. */
  readonly label?: string;
  /** 64, 256 or 4,096 bytes. */
  readonly bytes: Uint8Array;
  /** Ranges of `bytes` that the dump did not hold; they are zeros. `end` is exclusive. */
  readonly missing: readonly { readonly start: number; readonly end: number }[];
  /** Ranges of `bytes` that were rebuilt from words, or assumed; left out if there are none. */
  readonly decoded?: readonly DecodedRange[];
  /** Bytes of each of the six BARs where the text said so. */
  readonly regionSizes: readonly (number | undefined)[];
  readonly kernelDriver?: string;
  /** The text has the verbose lines of this function, so that without a driver line it has no driver; default: the dump's. */
  readonly verbose?: boolean;
  /** Line of the heading. */
  readonly line: number;
}

/** What the text of `lspci` holds. */
export interface LspciDump {
  readonly functions: readonly LspciFunction[];
  /** The text has verbose lines of any function. */
  readonly verbose: boolean;
  readonly notes: readonly ImportNote[];
}

/** Where a text of lspci comes from, for messages. */
export interface LspciOptions {
  readonly file: string;
  /** Number of the text's first line, if the text is a section of the file; default 1. */
  readonly firstLine?: number;
}

/**
 * Reads the text of lspci with any of -n, -nn, -D, -v, -vv, -vvv, -x, -xxx, -xxxx, also of several calls in one text.
 * Hexadecimal rows are the truth; what they lack is rebuilt from the words as far as these go, and listed as
 * {@link LspciFunction.decoded}. Damage that real captures have (text spliced into rows, missing rows, wrapped or quoted
 * lines) is repaired where that is unambiguous, and noted.
 * @throws UserError `LSPCI_EMPTY`, `LSPCI_NO_FUNCTION`, `INPUT_TOO_LARGE`
 */
export function parseLspci(input: string | Uint8Array, { file, firstLine = 1 }: LspciOptions): LspciDump {
  const reader = new LspciReader(file);
  eachLine(captureText(input, file), (line, number) => reader.line(line, number + firstLine - 1));
  return reader.finish();
}

/**
 * As {@link parseLspci}, from a stream.
 * @throws UserError as {@link parseLspci}, and `INPUT_LINE`
 */
export async function parseLspciStream(
  chunks: AsyncIterable<string | Uint8Array>,
  { file }: { readonly file: string },
): Promise<LspciDump> {
  const reader = new LspciReader(file);
  await eachLineOf(chunks, file, (line, number) => reader.line(line, number));
  return reader.finish();
}
