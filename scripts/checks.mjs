import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkContracts } from './contracts.mjs';
import { root } from './environment.mjs';
import { checkKernelLab } from './kernel-lab.mjs';
import { checkLabMatrix } from './lab-matrix.mjs';
import { otherNode } from './other-node.mjs';
import { checkRecord } from './record.mjs';
import { run } from './steps.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);

/** What a check came to. `output` is shown when something failed. */
function one({ code, output }) {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output };
}

/** Runs a tool that passes or fails as a whole. */
function tool(what, ...command) {
  return { what, run: async () => one(await run([bin(command[0]), ...command.slice(1)])) };
}

/** Runs a vitest project and counts its tests; files that cannot be loaded count as one failure each. */
function tests(what, project, ...options) {
  return {
    what,
    run: async () => {
      const report = join(root, 'node_modules', '.cache', `vitest-${project}.json`);
      rmSync(report, { force: true });
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      const result = await run([bin('vitest'), 'run', '--project', project, ...reporters, ...options]);
      let counts;
      try {
        counts = JSON.parse(readFileSync(report, 'utf8'));
      } catch {
        return one(result);
      }
      const passed = counts.numPassedTests;
      const unloaded = counts.testResults.filter(
        (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
      ).length;
      const failed = counts.numFailedTests + unloaded;
      const skipped = counts.numPendingTests + counts.numTodoTests;
      // Coverage below its threshold, or an error outside of tests.
      const otherwise = failed === 0 && result.code !== 0 ? 1 : 0;
      return { passed, failed: failed + otherwise, skipped, output: result.output };
    },
  };
}

/** A thousand crashes twice under this Node and once under each other one that we stand for: one hash. */
async function repeats() {
  const script = join(root, 'scripts', 'determinism.mjs');
  const under = (node) => run([node, script], { limitMs: 300_000 });
  const results = await Promise.all([under(process.execPath), under(process.execPath)]);
  const skipped = [];
  for (const major of [20, 24]) {
    if (process.versions.node.startsWith(`${major}.`)) continue;
    const node = await otherNode(major);
    if (node === undefined) skipped.push(`Node ${major} cannot be fetched by npx`);
    else results.push(await under(node));
  }
  // Whatever else a Node says, its last line is ours.
  const said = ({ output }) => output.trim().split('\n').at(-1);
  const wrong = results.filter((one) => one.code !== 0 || said(one) !== said(results[0])).length;
  return {
    passed: results.length - wrong,
    failed: wrong,
    skipped: skipped.length,
    note: skipped.join('; '),
    output: results.map(({ output }) => output).join(''),
  };
}

/** Everything that must hold, quick ones first. */
export const checks = [
  tool('type check', 'tsc', '-p', '.'),
  tool('type check for the browser', 'tsc', '-p', 'tsconfig.portable.json'),
  tool('lint and format', 'biome', 'check', '.'),
  tool('dead code', 'knip'),
  tests('unit and property tests', 'unit', '--coverage'),
  { what: 'strategies and their contract', run: checkContracts },
  { what: 'equal runs', run: repeats },
  { what: 'the public record', run: checkRecord },
  { what: 'the kernel lab', run: checkKernelLab },
  { what: 'recorded runs of the kernel lab', run: checkLabMatrix },
  tests('type tests', 'types', '--passWithNoTests'),
  tests('packaging', 'packaging'),
];
