import ora from 'ora';
import type { CommandIo } from '../program.ts';

/** A line on standard error that counts runs; nothing where that is not a terminal. */
export function crashProgress(
  io: CommandIo,
  what = 'crashes',
): {
  update: (done: number, total: number) => void;
  stop: () => void;
} {
  if (io.stderr.isTTY !== true) return { update: () => {}, stop: () => {} };
  const spinner = ora({ text: 'starting', stream: io.stderr as NodeJS.WriteStream }).start();
  return {
    update: (done, total) => {
      spinner.text = `${done} of ${total} ${what}`;
    },
    stop: () => {
      spinner.stop();
    },
  };
}

/** A line on standard error that says what is being done; nothing where that is not a terminal. */
export function stepProgress(io: CommandIo): { say: (step: string) => void; stop: () => void } {
  if (io.stderr.isTTY !== true) return { say: () => {}, stop: () => {} };
  const spinner = ora({ text: 'starting', stream: io.stderr as NodeJS.WriteStream }).start();
  return {
    say: (step) => {
      spinner.text = step;
    },
    stop: () => {
      spinner.stop();
    },
  };
}
