import { Worker } from 'node:worker_threads';
import { errorText } from './error-text.ts';
import { runTask } from './run-task.ts';
import type { Task, WorkerMessage } from './task.ts';

/** What a plugin left to fail behind everybody's back. */
let stray: string | undefined;
const note = (thrown: unknown): void => {
  stray ??= errorText(thrown);
};
process.on('unhandledRejection', note);
process.on('uncaughtException', note);
process.on('disconnect', () => process.exit());
new Worker(new URL('./watchdog.js', import.meta.url), { stdin: false }).unref();

const send = (message: WorkerMessage | 'ready'): void => {
  process.send?.(message);
};

process.on('message', async (task: Task) => {
  const answer = await runTask(task, () => send('run'));
  // What was rejected meanwhile is heard of one turn later.
  await new Promise((resolve) => setImmediate(resolve));
  if (stray === undefined) send(answer);
  else send({ failure: { code: 'ASYNC', message: `failed outside of any hook: ${stray}` } });
});
send('ready');
