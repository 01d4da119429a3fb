import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { quietEnvironment, root } from './environment.mjs';

/**
 * Runs `command` and gives its exit code and all that it printed; `onLine` sees each line as it comes. After `limitMs`
 * it is ended, which is a failure.
 */
export function run(command, { onLine, env = {}, cwd = root, limitMs } = {}) {
  return new Promise((done) => {
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd,
      env: { ...quietEnvironment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      timeout: limitMs,
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    if (onLine !== undefined) createInterface(child.stdout).on('line', onLine);
    child.on('error', (error) => done({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });
}

/** Seconds since `start` (of performance.now()) with one decimal. */
export function secondsSince(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Plain lines `[n/m] what … took`, one per step, for terminals and logs alike. */
export class Progress {
  #done = 0;
  #notes = 0;
  #total;

  constructor(total) {
    this.#total = total;
  }

  /** Runs one step; `work` gives a word to print in place of the time taken, or nothing. */
  async step(what, work) {
    this.#done++;
    process.stdout.write(`[${this.#done}/${this.#total}] ${what} … `);
    const start = performance.now();
    const word = await work();
    const indent = this.#notes > 0 ? '\n      ' : '';
    process.stdout.write(`${indent}${word ?? secondsSince(start)}\n`);
    this.#notes = 0;
  }

  /** A line below the present step: how far it has come. */
  note(text) {
    this.#notes++;
    process.stdout.write(`\n      ${text}`);
  }
}
