import { checks } from './checks.mjs';
import { setUp } from './set-up.mjs';
import { secondsSince } from './steps.mjs';

const total = { passed: 0, failed: 0 };
let unfinished = 1;
// However this ends, the last line says how many passed; not to come to the end is a failure too.
process.on('exit', () => {
  process.stdout.write(`\n${total.passed} passed, ${total.failed + unfinished} failed\n`);
});

await setUp();
for (const [index, { what, run }] of checks.entries()) {
  process.stdout.write(`\n[${index + 1}/${checks.length}] ${what} … `);
  const start = performance.now();
  const { passed, failed, skipped = 0, note = '', output } = await run();
  total.passed += passed;
  total.failed += failed;
  const reason = note === '' ? '' : `: ${note}`;
  const skips = skipped > 0 ? `, ${skipped} skipped${reason}` : '';
  process.stdout.write(`${passed} passed, ${failed} failed${skips} (${secondsSince(start)})\n`);
  if (failed > 0 || process.argv.includes('--verbose')) process.stdout.write(`${output.trimEnd()}\n`);
}

unfinished = 0;
process.exitCode = total.failed === 0 ? 0 : 1;
