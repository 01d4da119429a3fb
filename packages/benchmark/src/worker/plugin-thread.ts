import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { errorText } from './error-text.ts';
import type { Task, WorkerAnswer, WorkerMessage } from './task.ts';

/** MiB of JavaScript heap that one worker may have; a run needs a small part of it. */
const HEAP_MIB = 1024;

/** A worker thread that serves one plugin, so that what it does to its globals stays with it. */
export class PluginThread {
  readonly #onOutput: ((text: string) => void) | undefined;
  #worker: Worker | undefined;

  constructor(onOutput?: (text: string) => void) {
    this.#onOutput = onOutput;
  }

  /**
   * Runs one task, each crash of it within `limitMs`. If one does not end by then, or ends its thread, that is a failure,
   * and the next task gets a new thread. One task at a time.
   * @throws Error if no thread can be started
   */
  async run<T extends Task>(
    task: T,
    limitMs: number,
    onRun: () => void = () => {},
  ): Promise<WorkerAnswer<T['kind']>> {
    const worker = (this.#worker ??= await this.#start());
    const answer = await answerOf<T['kind']>(worker, task, limitMs, onRun);
    if ('failure' in answer) await this.close();
    return answer;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      // What a plugin prints must not get between the lines of a result.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.on('data', (chunk: Buffer) => this.#onOutput?.(chunk.toString()));
    }
    // Rejects if the thread fails before it says that it is ready.
    await once(worker, 'message');
    // What comes after an answer must not end the process.
    worker.on('error', () => {});
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}

function answerOf<Kind extends Task['kind']>(
  worker: Worker,
  task: Task,
  limitMs: number,
  onRun: () => void,
): Promise<WorkerAnswer<Kind>> {
  return new Promise((resolve) => {
    const settle = (answer: WorkerAnswer<Kind>): void => {
      clearTimeout(timer);
      worker.off('message', hear).off('messageerror', garble).off('error', crash).off('exit', leave);
      resolve(answer);
    };
    const fail = (code: string, message: string): void => settle({ failure: { code, message } });
    const timer = setTimeout(() => fail('TIME_LIMIT', `did not end within ${limitMs / 1000} s`), limitMs);
    const hear = (message: WorkerMessage<Kind>): void => {
      if (message === 'run') {
        timer.refresh();
        onRun();
      } else settle(message);
    };
    const garble = (error: Error): void => fail('INTERNAL', errorText(error));
    const crash = (error: NodeJS.ErrnoException): void => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') fail('THREW', errorText(error));
      else fail('OUT_OF_MEMORY', `needed more than ${HEAP_MIB} MiB`);
    };
    const leave = (): void => fail('EXITED', 'ended its own thread (process.exit)');
    worker.on('message', hear).on('messageerror', garble).on('error', crash).on('exit', leave);
    worker.postMessage(task);
  });
}
