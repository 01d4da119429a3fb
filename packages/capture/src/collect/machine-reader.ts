import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { BundledFile, UnreadFile } from '@quiesce/machine';
import { describeError } from '../open/describe-error.ts';
import { readRegularFile } from '../open/read-regular-file.ts';

/** No text of a machine's that a capture takes is larger: /proc/iomem of the largest servers has some 500 KiB. */
const textBytes = 1024 * 1024;

/** How a file is taken as text. */
export interface TakenText {
  /** True for what most machines lack: that it is absent is not said. */
  readonly optional?: boolean;
  readonly keep?: (line: string) => boolean;
  /** Undefined drops the line. */
  readonly change?: (line: string) => string | undefined;
  /** Bytes of the file as it stands; no more than a mebibyte of it is kept. */
  readonly limit?: number;
}

/** Reads files of a machine below a root, bounded, and keeps book of what could not be read. */
export class MachineReader {
  readonly files: BundledFile[] = [];
  readonly unread: UnreadFile[] = [];
  readonly root: string;
  readonly #privileged: boolean;
  readonly #maxFiles: number;
  readonly #outOfTime: () => boolean;

  /** @param outOfTime asked before each file; once it says so, nothing more is read */
  constructor(
    root: string,
    options: { readonly privileged: boolean; readonly maxFiles: number; readonly outOfTime: () => boolean },
  ) {
    this.root = realpathSync(root);
    this.#privileged = options.privileged;
    this.#maxFiles = options.maxFiles;
    this.#outOfTime = options.outOfTime;
  }

  /**
   * Takes a file as text; `keep` may drop lines, `change` drop or shorten them. Text ends with a line feed if it does not as
   * it stands.
   */
  takeText(path: string, { optional = false, keep, change, limit = textBytes }: TakenText = {}): void {
    const bytes = this.#read(path, limit, optional);
    if (bytes === undefined) return;
    const text = new TextDecoder().decode(bytes).replace(/\n$/, '');
    let lines = text;
    if (keep !== undefined) lines = text.split('\n').filter(keep).join('\n');
    if (change !== undefined) lines = changed(text, change);
    if (lines.length >= textBytes) this.fail(path, `it is larger than ${textBytes} bytes`);
    else this.add({ path, text: lines === '' ? '' : `${lines}\n` });
  }

  /** Takes a file as bytes; of one that ends before its size it is said that it does. */
  takeBytes(path: string, limit: number): void {
    const bytes = this.#read(path, limit, false);
    if (bytes === undefined) return;
    this.add({ path, hex: Buffer.from(bytes).toString('hex') });
    const size = this.#sizeOf(path);
    if (bytes.length < size)
      this.fail(path, `${bytes.length} of ${size} bytes${this.#privileged ? '' : ': run as root'}`);
  }

  takeLink(path: string): void {
    const link = this.linkAt(path);
    if (link !== undefined) this.add({ path, link });
  }

  /** Where a symbolic link leads; undefined if there is none. */
  linkAt(path: string): string | undefined {
    try {
      const full = join(this.root, path);
      return lstatSync(full).isSymbolicLink() ? readlinkSync(full) : undefined;
    } catch {
      // Most functions lack most links.
      return undefined;
    }
  }

  /** Takes the names in a folder as the text of a file, one a line; nothing if there is no such folder. */
  takeNames(path: string, { unlessEmpty = false }: { unlessEmpty?: boolean } = {}): void {
    const names = this.#names(path);
    if (names === undefined || (unlessEmpty && names.length === 0)) return;
    this.add({ path, text: names.map((name) => `${name}\n`).join('') });
  }

  /** Names in a folder that may well not be there, sorted by their bytes. */
  namesIn(path: string): string[] {
    return this.#names(path) ?? [];
  }

  /** Names in a folder, sorted by their bytes; that there are none, or no folder, is said. */
  names(path: string): string[] {
    try {
      this.#within(path);
      const names = readdirSync(join(this.root, path)).sort();
      if (names.length === 0) this.fail(path, 'it is empty');
      return names;
    } catch (error) {
      this.#failedBy(path, error as Error);
      return [];
    }
  }

  /** Text of a file that is looked at and not kept. */
  peek(path: string): string | undefined {
    const bytes = this.#read(path, textBytes, true, false);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  fail(path: string, reason: string): void {
    if (this.unread.length < this.#maxFiles) this.unread.push({ path, reason });
  }

  add(file: BundledFile): void {
    if (this.files.length < this.#maxFiles) this.files.push(file);
    else this.fail(file.path, `a capture has at most ${this.#maxFiles} files`);
  }

  #names(path: string): string[] | undefined {
    try {
      this.#within(path);
      return readdirSync(join(this.root, path)).sort();
    } catch {
      return undefined;
    }
  }

  /** Undefined, and booked as unread, if it cannot be read. */
  #read(path: string, limit: number, optional: boolean, say = true): Uint8Array | undefined {
    if (this.#outOfTime()) {
      if (say) this.fail(path, 'there was no time left');
      return undefined;
    }
    try {
      const bytes = readRegularFile(this.#within(path), limit);
      if (bytes !== undefined) return bytes;
      if (say) this.fail(path, `it is larger than ${limit} bytes`);
    } catch (error) {
      const absent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (say && !(optional && absent)) this.#failedBy(path, error as Error);
    }
    return undefined;
  }

  #failedBy(path: string, error: Error & { code?: unknown }): void {
    const advice =
      !this.#privileged && (error.code === 'EACCES' || error.code === 'EPERM') ? ': run as root' : '';
    this.fail(path, `${describeError(error)}${advice}`);
  }

  /** Where a path leads. @throws Error if that is out of the tree */
  #within(path: string): string {
    const real = realpathSync(join(this.root, path));
    if (this.root !== sep && !real.startsWith(this.root + sep)) throw new Error('it leads out of the tree');
    return real;
  }

  #sizeOf(path: string): number {
    try {
      return lstatSync(this.#within(path)).size;
    } catch {
      return 0;
    }
  }
}

function changed(text: string, change: (line: string) => string | undefined): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const kept = change(line);
    if (kept !== undefined) lines.push(kept);
  }
  return lines.join('\n');
}
