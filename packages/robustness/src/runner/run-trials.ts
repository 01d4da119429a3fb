import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Complaint } from './trial.ts';

/** Trials of one subject. */
export interface TrialRun {
  readonly subject: string;
  readonly seed: number;
  readonly trials: number;
  readonly onTrial?: (done: number) => void;
}

/** What came of them. */
export interface TrialReport {
  readonly subject: string;
  readonly trials: number;
  readonly complaints: readonly Complaint[];
  /** Largest resident set of a process that took the inputs one after the other, bytes. */
  readonly memory: number;
}

interface Message {
  readonly trial: number;
  readonly complaint?: Complaint;
  readonly kilobytes?: number;
}

/** Without a word for so long, a process hangs. */
const SILENCE_MS = 60_000;
/** Heap of a process, MiB. */
const HEAP = 512;

/** Runs trials in a process of their own. One that hangs or dies costs its trial, and the next process goes on behind it. */
export async function runTrials({ subject, seed, trials, onTrial }: TrialRun): Promise<TrialReport> {
  const complaints: Complaint[] = [];
  let memory = 0;
  for (let next = 0; next < trials; ) {
    const { reached, ended, kilobytes, how } = await runUntil(subject, seed, next, trials, (message) => {
      if (message.complaint !== undefined) complaints.push(message.complaint);
      onTrial?.(message.trial);
    });
    memory = Math.max(memory, kilobytes * 1024);
    if (ended === undefined) break;
    complaints.push({
      subject,
      seed,
      trial: reached,
      what: ended,
      message: how,
    });
    next = reached + 1;
  }
  return { subject, trials, complaints, memory };
}

interface Ended {
  readonly reached: number;
  readonly ended: 'hung' | 'died' | undefined;
  readonly kilobytes: number;
  /** How the process ended. */
  readonly how: string;
}

function runUntil(
  subject: string,
  seed: number,
  first: number,
  end: number,
  take: (message: Message) => void,
): Promise<Ended> {
  const program = fileURLToPath(new URL('trial-worker.js', import.meta.url));
  const child = fork(program, [subject, String(seed), String(first), String(end)], {
    execArgv: [`--max-old-space-size=${HEAP}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve) => {
    let reached = first;
    let kilobytes = 0;
    let hung = false;
    const giveUp = (): void => {
      hung = true;
      child.kill('SIGKILL');
    };
    let watch = setTimeout(giveUp, SILENCE_MS);
    child.on('message', (message: Message) => {
      clearTimeout(watch);
      watch = setTimeout(giveUp, SILENCE_MS);
      reached = message.trial;
      kilobytes = message.kilobytes ?? kilobytes;
      take(message);
    });
    child.on('close', (code, signal) => {
      clearTimeout(watch);
      const ended = reached === end ? undefined : hung ? 'hung' : 'died';
      resolve({ reached, kilobytes, ended, how: `the process ended with ${signal ?? `code ${code}`}` });
    });
  });
}
