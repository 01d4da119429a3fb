import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HEAP_MIB } from './memory-limits.ts';
import type { Task, WorkerAnswer, WorkerMessage } from './task.ts';

/**
 * A process that serves one plugin, so that what it does to its globals, its memory and its process stays with it. A
 * thread would not do: where V8 runs out of memory in one, all of them end.
 */
export class PluginProcess {
  readonly #onOutput: ((text: string) => void) | undefined;
  #child: ChildProcess | undefined;

  constructor(onOutput?: (text: string) => void) {
    this.#onOutput = onOutput;
  }

  /**
   * Runs one task, each crash of it within `limitMs`. If one does not end by then, or ends its process, that is a
   * failure, and the next task gets a new process. One task at a time.
   * @throws Error if no process can be started
   */
  async run<T extends Task>(
    task: T,
    limitMs: number,
    onRun: () => void = () => {},
  ): Promise<WorkerAnswer<T['kind']>> {
    const child = (this.#child ??= await this.#start());
    const answer = await answerOf<T['kind']>(child, task, limitMs, onRun);
    if ('failure' in answer) this.close();
    return answer;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [], {
      execArgv: [`--max-old-space-size=${HEAP_MIB}`],
      serialization: 'advanced',
      // What a plugin prints must not get between the lines of a result.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        if (said.length < 1000) said += chunk.toString();
        this.#onOutput?.(chunk.toString());
      });
    }
    const ended = new AbortController();
    child.once('exit', () => {
      ended.abort();
      if (this.#child === child) this.#child = undefined;
    });
    await once(child, 'message', { signal: ended.signal }).catch(() => {
      const reason = /\w*Error[^\n]*/.exec(said)?.[0] ?? said;
      throw new Error(`a worker process cannot be started: ${reason}`);
    });
    // A message that cannot be delivered is followed by the end of the process.
    child.on('error', () => {});
    return child;
  }
}

function answerOf<Kind extends Task['kind']>(
  child: ChildProcess,
  task: Task,
  limitMs: number,
  onRun: () => void,
): Promise<WorkerAnswer<Kind>> {
  return new Promise((resolve) => {
    const settle = (answer: WorkerAnswer<Kind>): void => {
      clearTimeout(timer);
      child.off('message', hear).off('exit', leave);
      resolve(answer);
    };
    const fail = (code: string, message: string): void => settle({ failure: { code, message } });
    const timer = setTimeout(() => fail('TIME_LIMIT', `did not end within ${limitMs / 1000} s`), limitMs);
    const hear = (message: unknown): void => {
      if (message === 'run') {
        timer.refresh();
        onRun();
      } else settle(message as Exclude<WorkerMessage<Kind>, string>);
    };
    const leave = (code: number | null, signal: string | null): void => {
      // V8 aborts where it has no memory left; the watchdog and the system kill.
      if (signal === 'SIGABRT' || signal === 'SIGKILL') fail('OUT_OF_MEMORY', 'needed too much memory');
      else fail('EXITED', `ended its own process (${signal ?? `exit code ${code}`})`);
    };
    child.on('message', hear).on('exit', leave);
    child.send(task);
  });
}
