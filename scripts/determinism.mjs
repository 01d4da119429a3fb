// A thousand crashes, and one hash of all that came of them: the same in every process, under every Node.
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { built, root } from './environment.mjs';

const RUNS = 1000;
/** Prime to the number of strategies, so that each meets each machine. */
const STRIDE = 7;

const { preset, presets } = await built('machine');
const { crash, kernelProfiles } = await built('boot-sequencer');
const strategies = await Promise.all(
  readdirSync(join(root, 'packages'))
    .filter((name) => name.startsWith('strategy-'))
    .sort()
    .map(async (name) => (await built(name)).default),
);

// Every machine, every kernel and every strategy; of all that they make together, every so many.
const all = Object.keys(presets).flatMap((name) =>
  kernelProfiles.flatMap((kernel) => strategies.map((strategy) => ({ name, kernel, strategy }))),
);
const combinations = all.filter((_, index) => index % STRIDE === 0);
const hash = createHash('sha256');
let runs = 0;
for (let seed = 1; runs < RUNS; seed++) {
  for (const { name, kernel, strategy } of combinations) {
    const { outcome } = crash({ machine: preset(name), strategy, kernel: kernel.name, seed });
    // The outcome as well: its numbers are not all in the trace.
    hash.update(JSON.stringify(outcome));
    runs++;
  }
}
process.stdout.write(`${runs} runs ${hash.digest('hex')}\n`);
