import { tellStory } from '@quiesce/benchmark';
import type { Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { chooseStrategies } from '../input/choose-strategies.ts';
import { runStory } from '../output/run-story.ts';
import type { CommandIo } from '../program.ts';

/** Prints one run as the log of its kernels. `run` is `STRATEGY[:SEED]`. */
export async function traceRun(
  run: string,
  options: {
    readonly option: readonly string[];
    readonly kernel: readonly string[];
    readonly firstKernel?: string;
    readonly firstSeed: number;
    readonly workers: number;
    readonly timeLimit: number;
    readonly format: 'table' | 'json' | 'markdown';
  },
  machine: Machine,
  io: CommandIo,
): Promise<void> {
  const match = /^(.*?)(?::(\d+))?$/.exec(run);
  const name = match?.[1] ?? '';
  const seed = match?.[2] === undefined ? options.firstSeed : Number(match[2]);
  if (name === '' || !Number.isSafeInteger(seed)) {
    throw new UserError('USAGE', `--trace ${run} is not understood`, { expected: 'STRATEGY[:SEED]' });
  }
  const [kernel, other] = options.kernel;
  if (kernel === undefined || other !== undefined) {
    throw new UserError('USAGE', '--trace shows one run', { expected: 'one --kernel' });
  }
  const [strategy] = await chooseStrategies([name], options.option, io.cwd, options.timeLimit);
  if (strategy === undefined) return;
  const story = await tellStory({
    machine,
    strategy,
    kernel,
    ...(options.firstKernel === undefined ? {} : { firstKernel: options.firstKernel }),
    seed,
    worker: options.workers > 0,
    timeLimitSeconds: options.timeLimit,
    onOutput: (text) => io.stderr.write(text),
  });
  if (options.format === 'json') io.stdout.write(`${JSON.stringify(story, null, 2)}\n`);
  else io.stdout.write(runStory(story, machine));
}
