import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '@quiesce/simulation';
import { PostedWrites } from './posted-writes.ts';
import { FrameParser } from './protocol/frame-parser.ts';
import { encodeFrame, type Frame, FrameKind } from './protocol/frames.ts';
import { encodeMessage, type Order } from './protocol/messages.ts';

/** How a process came to its end before it had answered. */
export interface ProcessEnd {
  readonly code: 'TIME_LIMIT' | 'OUT_OF_MEMORY' | 'EXITED';
  readonly message: string;
}

/** Has the kernel end a process when its parent is gone, whatever ended that. Debian: util-linux. */
const SETPRIV = 'setpriv';
/** MiB of JavaScript heap; a strategy needs a small part of it. */
const HEAP_MIB = 256;
/** Memory in all, buffers included. */
const RESIDENT_BYTES = 768 * 1024 * 1024;
const PAGE_BYTES = 4096;
/** How often it is looked at whether the process computes for too long or takes too much memory. */
const WATCH_MS = 100;
/** After its end, how long it may take until all is read that it has sent, should others hold its channels open. */
const LAST_WORDS_MS = 1000;
/** Of its error output, what is kept to say why it did not start. */
const SAID_CHARACTERS = 2000;

const decoder = new TextDecoder();

/** What an order came to: the frame that answers it, or the end of the process. */
export type OrderResult = Frame | { readonly ended: ProcessEnd };

/**
 * A Node process that runs a plugin and talks over one inherited socket, which it reads synchronously. A process and not
 * a thread: where V8 runs out of memory in a thread, all of them end, and its answers take five times as long.
 */
export class PluginProcess {
  readonly #child: ChildProcess;
  readonly #socket: Duplex;
  readonly #exited: Promise<unknown>;
  #parser = new FrameParser();
  #onFrame: (frame: Frame) => void = () => {};
  #onEnd: () => void = () => {};
  #killedFor: ProcessEnd | undefined;
  /** The beginning of its error output. */
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#socket = child.stdio[3] as Duplex;
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
    // That it cannot be sent a signal is no news of a process that is gone.
    child.on('error', () => {});
    // Its own last words count, not that nobody hears ours.
    this.#socket.on('error', () => {});
    this.#socket.on('data', (chunk: Uint8Array) => {
      for (const frame of this.#parser.push(chunk)) this.#onFrame(frame);
    });
    child.stderr?.on('data', (text: Uint8Array) => {
      if (this.#said.length < SAID_CHARACTERS) this.#said += decoder.decode(text);
    });
    // What it said before it ended comes before its end.
    const closed = new Promise((resolve) => child.once('close', resolve));
    const late = this.#exited.then(() => sleep(LAST_WORDS_MS));
    void Promise.race([closed, late]).then(() => this.#onEnd());
  }

  /** @throws UserError `LAB_TOOL` without setpriv */
  static async start(): Promise<PluginProcess> {
    // In sources this file ends in .ts, and so does its neighbour.
    const entry = import.meta.url.endsWith('.ts')
      ? new URL('./plugin-process/serve-plugin.ts', import.meta.url)
      : new URL('./serve-plugin.js', import.meta.url);
    const child = spawn(
      SETPRIV,
      [
        '--pdeathsig',
        'KILL',
        process.execPath,
        ...inheritedOptions(),
        `--max-old-space-size=${HEAP_MIB}`,
        fileURLToPath(entry),
      ],
      // What a plugin prints must not get between the lines of a result.
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
    );
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new UserError('LAB_TOOL', `${SETPRIV} cannot be run: ${(error as Error).message}`, {
        expected: `${SETPRIV} (Debian: util-linux)`,
      });
    }
    return new PluginProcess(child);
  }

  /**
   * Gives an order and serves the process until it has answered that. `access` answers its accesses; if that rejects, so
   * does this.
   * @param computeMs how long it may compute from one access to the next, and until it answers
   */
  order(
    order: Order,
    onLine: (line: string) => void,
    access: (frame: Frame) => Promise<Uint8Array>,
    computeMs: number,
  ): Promise<OrderResult> {
    const watch = new ComputeWatch(this.#child.pid ?? 0, computeMs, (end) => this.#kill(end));
    const posted = new PostedWrites();
    return new Promise<OrderResult>((resolve, reject) => {
      const end = (result: () => OrderResult): void => {
        posted.done().then(() => resolve(result()), reject);
      };
      const answer = async (frame: Frame): Promise<void> => {
        watch.pause();
        if (!posted.none) await posted.done();
        const bytes = await access(frame);
        watch.resume();
        this.#socket.write(bytes);
      };
      this.#onEnd = () => end(() => ({ ended: this.#endOf() }));
      this.#onFrame = (frame) => {
        if (frame.kind === FrameKind.line) onLine(decoder.decode(frame.body));
        else if (frame.kind === FrameKind.message) end(() => frame);
        else if (frame.kind === FrameKind.post) {
          watch.resume();
          posted.add(access(frame));
        } else answer(frame).catch(reject);
      };
      if (this.#ended) this.#onEnd();
      else this.#socket.write(encodeFrame(FrameKind.message, encodeMessage(order)));
    }).finally(() => {
      watch.end();
      this.#onFrame = () => {};
      this.#onEnd = () => {};
    });
  }

  /** Ends it and waits for that. */
  async close(): Promise<void> {
    if (!this.#ended) {
      this.#kill({ code: 'EXITED', message: 'was ended by the lab' });
      await this.#exited;
    }
    this.#socket.destroy();
    this.#child.stderr?.destroy();
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #kill(end: ProcessEnd): void {
    this.#killedFor ??= end;
    this.#child.kill('SIGKILL');
  }

  #endOf(): ProcessEnd {
    if (this.#killedFor !== undefined) return this.#killedFor;
    const { exitCode, signalCode } = this.#child;
    // V8 aborts where it has no memory left; the system kills.
    if (signalCode === 'SIGABRT' || signalCode === 'SIGKILL') {
      return { code: 'OUT_OF_MEMORY', message: 'needed too much memory' };
    }
    const reason = /\w*Error[^\n]*/.exec(this.#said)?.[0];
    const how = signalCode ?? `exit code ${exitCode}`;
    const message = `ended its own process (${reason === undefined ? how : `${how}: ${reason}`})`;
    return { code: 'EXITED', message };
  }
}

/** Ends a process that computes too long without an access, or that takes too much memory. */
class ComputeWatch {
  readonly #timer: NodeJS.Timeout;
  /** When it last began to compute; undefined while it waits for an answer. */
  #since: number | undefined = performance.now();

  constructor(pid: number, limitMs: number, onEnd: (end: ProcessEnd) => void) {
    this.#timer = setInterval(() => {
      if (this.#since !== undefined && performance.now() - this.#since > limitMs) {
        onEnd({ code: 'TIME_LIMIT', message: `did not end within ${limitMs / 1000} s` });
      } else if (residentBytes(pid) > RESIDENT_BYTES) {
        onEnd({ code: 'OUT_OF_MEMORY', message: 'needed too much memory' });
      }
    }, WATCH_MS);
  }

  pause(): void {
    this.#since = undefined;
  }

  resume(): void {
    this.#since = performance.now();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/** As /proc says (proc_pid_statm); 0 for a process that is gone, or where there is no /proc. */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

/** A debugger of this process is not that one's. */
function inheritedOptions(): readonly string[] {
  return process.execArgv.filter((option) => !option.startsWith('--inspect'));
}
