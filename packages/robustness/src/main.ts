import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { runTrials } from './runner/run-trials.ts';
import { damagedInput, tryOnce } from './runner/trial.ts';
import { findSubject, subjects } from './subject/subjects.ts';

const SHOWN = 10;

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new InvalidArgumentError('a whole number, 0 .. 4294967295');
  }
  return value;
}

interface Options {
  readonly cases: number;
  readonly seed: number;
  readonly only?: string;
  readonly trial?: number;
  readonly keep?: string;
}

const program = new Command('robustness')
  .description('Damaged inputs for everything that reads captures and logs; ends with 1 where one does harm.')
  .option('--cases <number>', 'damaged inputs, shared among the subjects', wholeNumber, 20_000)
  .option('--seed <number>', 'the same seed gives the same inputs', wholeNumber, 1)
  .option('--only <name>', `one subject: ${subjects.map((one) => one.name).join(', ')}`)
  .option('--trial <number>', 'the one input that a complaint named', wholeNumber)
  .option('--keep <file>', 'with --trial: write that input to a file')
  .action(async ({ cases, seed, only, trial, keep }: Options) => {
    const chosen = only === undefined ? subjects : [findSubject(only)];
    if (trial !== undefined && chosen[0] !== undefined) {
      if (keep !== undefined) writeFileSync(keep, damagedInput(chosen[0], seed, trial));
      const complaint = await tryOnce(chosen[0], seed, trial);
      process.stdout.write(
        `${complaint === undefined ? 'nothing is wrong' : JSON.stringify(complaint, null, 2)}\n`,
      );
      process.exitCode = complaint === undefined ? 0 : 1;
      return;
    }
    const { stderr, stdout } = process;
    const each = Math.ceil(cases / chosen.length);
    for (const { name } of chosen) {
      const progress = (done: number): void => {
        if (stderr.isTTY) stderr.write(`\r${name}: ${done} of ${each} `);
      };
      const { complaints, memory } = await runTrials({
        subject: name,
        seed,
        trials: each,
        onTrial: progress,
      });
      if (stderr.isTTY) stderr.write('\r');
      const mebibytes = Math.round(memory / 2 ** 20);
      stdout.write(`${name}: ${each} damaged inputs, ${complaints.length} complaints, ${mebibytes} MiB\n`);
      for (const one of complaints.slice(0, SHOWN)) {
        stdout.write(`  --only ${name} --seed ${seed} --trial ${one.trial}: ${one.what}: ${one.message}\n`);
      }
      if (complaints.length > 0) process.exitCode = 1;
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
