import { parentPort } from 'node:worker_threads';
import { errorText } from './error-text.ts';
import { runTask } from './run-task.ts';
import type { Task } from './task.ts';

/** What a plugin left to fail behind everybody's back. */
let stray: string | undefined;
const note = (thrown: unknown): void => {
  stray ??= errorText(thrown);
};
process.on('unhandledRejection', note);
process.on('uncaughtException', note);

const port = parentPort;
port?.on('message', async (task: Task) => {
  const answer = await runTask(task, () => port.postMessage('run'));
  // What was rejected meanwhile is heard of one turn later.
  await new Promise((resolve) => setImmediate(resolve));
  if (stray === undefined) port.postMessage(answer);
  else port.postMessage({ failure: { code: 'ASYNC', message: `failed outside of any hook: ${stray}` } });
});
port?.postMessage('ready');
