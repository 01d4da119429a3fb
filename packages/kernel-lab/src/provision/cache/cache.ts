import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@quiesce/simulation';
import { lock } from 'proper-lockfile';
import { defaultCacheDirectory } from './default-directory.ts';

/** A lock whose owner has not renewed it for this long belongs to nobody. */
const STALE_MS = 10_000;
/** The longest that anybody waits for another run's build: a kernel over a slow line. */
const PATIENCE_MS = 30 * 60_000;
const RETRY_MS = 250;
const UNUSED_MS = 30 * 24 * 3_600_000;

/** `package/kmod_30_amd64`: one or more parts, each a file name. */
const KEY = /^[\w.+~:=@-]+(\/[\w.+~:=@-]+)*$/;

/** Gives a lock back. */
type Release = () => Promise<void>;

/**
 * A directory of things that are costly to make, each in an entry that is either whole or absent: entries are built under
 * a temporary name and renamed. Keys carry the identity of what stands there (a package's version, a hash of the inputs),
 * so that nothing in it is ever out of date. Several processes may use one cache; whatever kills them, the next one
 * removes what they left half done.
 */
export class Cache {
  readonly directory: string;
  readonly #tidied: Promise<void>;

  /** @param directory - by default {@link defaultCacheDirectory} */
  constructor(directory: string = defaultCacheDirectory()) {
    this.directory = directory;
    this.#tidied = this.#removeLeftovers();
    // Whoever asks for an entry gets the failure; nobody else needs it.
    this.#tidied.catch(() => {});
  }

  /** Where the entry stands or would stand. */
  path(key: string): string {
    return join(this.directory, key);
  }

  has(key: string): boolean {
    return existsSync(this.path(key));
  }

  /** Last parts of all keys that begin with `kind/`. */
  async list(kind: string): Promise<string[]> {
    return (await namesIn(join(this.directory, kind))).sort();
  }

  /**
   * Removes the entries of a kind that nobody has asked for in this long; for kinds of which every change of an input makes
   * a new entry.
   * @param unusedMs - milliseconds; a month unless said
   */
  async prune(kind: string, unusedMs: number = UNUSED_MS): Promise<void> {
    for (const name of await this.list(kind)) {
      const key = `${kind}/${name}`;
      // Gone already if another process prunes, too.
      const found = await stat(this.path(key)).catch(() => undefined);
      if (found === undefined || Date.now() - found.mtimeMs <= unusedMs) continue;
      // Entries are whole or absent, also when this process is killed here.
      const aside = await this.#aside(key);
      await rename(this.path(key), aside).catch(() => {});
      await remove(aside);
    }
  }

  /**
   * The entry's directory; `build` fills it if there is none yet.
   * @param build - gets an empty directory; the entry exists once its promise is fulfilled
   * @throws UserError `LAB_CACHE_KEY`, `LAB_CACHE_BUSY` if another process has been building it for half an hour, and
   * whatever `build` throws
   */
  async entry(key: string, build: (directory: string) => Promise<void>): Promise<string> {
    if (!KEY.test(key) || /(^|\/)\.{1,2}(\/|$)/.test(key)) {
      throw new UserError('LAB_CACHE_KEY', `Not a key of the lab's cache: ${key}`, { expected: 'kind/name' });
    }
    const path = this.path(key);
    if (existsSync(path)) {
      // So that prune() knows that somebody wants it. A cache that can't be written to is as good.
      await utimes(path, new Date(), new Date()).catch(() => {});
      return path;
    }
    await this.#tidied;
    const release = await this.#lock(flat(key), true);
    try {
      if (existsSync(path)) return path;
      await this.#build(key, build);
    } finally {
      await release?.();
    }
    return path;
  }

  async #build(key: string, build: (directory: string) => Promise<void>): Promise<void> {
    const path = this.path(key);
    // Whoever holds the lock is the only one who builds this: what is there was left by somebody who was killed.
    for (const name of await namesIn(this.#building)) {
      if (name.startsWith(`${flat(key)}.`)) await remove(join(this.#building, name));
    }
    const building = await this.#aside(key);
    await mkdir(building);
    try {
      await build(building);
      await mkdir(join(path, '..'), { recursive: true });
      await rename(building, path);
    } catch (error) {
      await remove(building);
      // Only a machine that slept longer than a lock lives lets two build one entry: the first one's is as good.
      if (!existsSync(path)) throw error;
    }
  }

  /** A name that is no entry's; what stands there is removed once nobody has the key's lock. */
  async #aside(key: string): Promise<string> {
    await mkdir(this.#building, { recursive: true });
    return join(this.#building, `${flat(key)}.${randomBytes(6).toString('hex')}`);
  }

  get #building(): string {
    return join(this.directory, '.building');
  }

  get #locks(): string {
    return join(this.directory, '.locks');
  }

  /** Half-built entries whose builder is gone: nobody holds their lock. */
  async #removeLeftovers(): Promise<void> {
    for (const name of await namesIn(this.#building)) {
      const key = name.slice(0, name.lastIndexOf('.'));
      const release = await this.#lock(key, false);
      if (release === undefined) continue;
      await remove(join(this.#building, name));
      await release();
    }
  }

  /** Undefined if somebody else has it and `wait` is false. */
  async #lock(key: string, wait: boolean): Promise<Release | undefined> {
    await mkdir(this.#locks, { recursive: true });
    const retries = wait
      ? { retries: Math.ceil(PATIENCE_MS / RETRY_MS), factor: 1, minTimeout: RETRY_MS, maxTimeout: RETRY_MS }
      : 0;
    try {
      const release = await lock(join(this.#locks, key), {
        realpath: false,
        stale: STALE_MS,
        retries,
        onCompromised: () => {},
      });
      // A lock that was lost meanwhile need not be given back.
      return () => release().catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (!wait) return undefined;
      throw new UserError('LAB_CACHE_BUSY', `Another process has been building ${key} for half an hour`, {
        expected: `it to end, or nobody holding ${join(this.#locks, key)}.lock`,
      });
    }
  }
}

function flat(key: string): string {
  return key.replaceAll('/', '=');
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function remove(path: string): Promise<void> {
  // A tool that outlived its parent may still be writing there.
  return rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
