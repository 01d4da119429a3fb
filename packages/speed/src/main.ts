import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
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
  for (const id of options.ids) {
    process.stderr.write(`measuring ${id} …\n`);
    const workload = await (workloads[id] as (typeof workloads)[string])();
    const result = await runWorkload(workload, options.rounds);
    results.push(result);
    if (!options.json) process.stdout.write(`${speedReport([result])}\n\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(record(options.rounds, results), null, 2)}\n`);
  return results.some(({ verdict }) => verdict === 'missed' || verdict === 'wrong') ? 1 : 0;
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

function readOptions(): { ids: readonly string[]; rounds: number; json: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        json: { type: 'boolean', default: false },
      },
    });
    const ids = values.only?.split(',') ?? Object.keys(workloads);
    const rounds = Number(values.rounds);
    if (!ids.every((id) => Object.hasOwn(workloads, id)) || !Number.isInteger(rounds) || rounds < 1)
      return undefined;
    return { ids, rounds, json: values.json };
  } catch {
    return undefined;
  }
}
