import { spawn } from 'node:child_process';
import { quietEnvironment, root } from './environment.mjs';

/** Runs `command` and gives its exit code and all that it printed; with `show` it is printed as it comes. */
export function run(command, { show = false, env = {}, cwd = root } = {}) {
  return new Promise((done) => {
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd,
      env: { ...quietEnvironment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const take = (stream) => (chunk) => {
      output += chunk;
      if (show) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
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
    process.stdout.write(`${word ?? secondsSince(start)}\n`);
  }
}
