import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { runWorkload } from './harness/run-workload.ts';
import type { Result } from './report/result.ts';
import { speedReport } from './report/speed-report.ts';
import { workloads } from './workloads/workloads.ts';

const usage = `usage: pnpm bench [--only ${Object.keys(workloads).join(',')}] [--rounds N] [--json]`;

process.exitCode = await main();

/** 0: all that could be measured was fast enough; 1: something was not; 2: usage. */
async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const results: Result[] = [];
  if (options.alone !== undefined) {
    const workload = await (workloads[options.alone] as (typeof workloads)[string])();
    process.stdout.write(JSON.stringify(await runWorkload(workload, options.rounds)));
    return 0;
  }
  for (const id of options.ids) {
    process.stderr.write(`measuring ${id} …\n`);
    const result = await inOwnProcess(id, options.rounds);
    results.push(result);
    if (!options.json) process.stdout.write(`${speedReport([result])}\n\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(record(options.rounds, results), null, 2)}\n`);
  return results.some(({ verdict }) => verdict === 'missed' || verdict === 'wrong') ? 1 : 0;
}

/** A process of its own for each workload: what one does must not change how the code of the next is compiled. */
async function inOwnProcess(id: string, rounds: number): Promise<Result> {
  const program = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, '--alone', id, '--rounds', String(rounds)],
    { maxBuffer: 1 << 20 },
  );
  return JSON.parse(stdout) as Result;
}

function record(rounds: number, results: readonly Result[]): object {
  const [cpu] = cpus();
  return {
    schema: 'quiesce-speed/1',
    node: process.versions.node,
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    rounds,
    results,
  };
}

interface Options {
  readonly ids: readonly string[];
  readonly rounds: number;
  readonly json: boolean;
  /** Measure this one here, and print its result: what a process of its own is asked for. */
  readonly alone: string | undefined;
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        json: { type: 'boolean', default: false },
        alone: { type: 'string' },
      },
    });
    const ids = (values.alone ?? values.only)?.split(',') ?? Object.keys(workloads);
    const rounds = Number(values.rounds);
    if (!ids.every((id) => Object.hasOwn(workloads, id)) || !Number.isInteger(rounds) || rounds < 1)
      return undefined;
    return { ids, rounds, json: values.json, alone: values.alone };
  } catch {
    return undefined;
  }
}
