import { loadPlugin } from '@quiesce/benchmark';
import { crash } from '@quiesce/boot-sequencer';
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
  const [reference] = await chooseStrategies([name], options.option, io.cwd);
  if (reference === undefined) return;
  const result = crash({
    machine,
    strategy: await loadPlugin(reference.module),
    options: reference.options,
    kernel: options.kernel[0] ?? 'linux-3.10',
    ...(options.firstKernel === undefined ? {} : { firstKernel: options.firstKernel }),
    seed,
  });
  io.stdout.write(runStory(result));
}
