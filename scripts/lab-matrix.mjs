import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './environment.mjs';
import { run } from './steps.mjs';

const command = join(root, 'packages', 'cli', 'bin', 'quiesce.js');
const results = join(root, 'packages', 'kernel-lab', 'results');

/** Where the recorded runs of the kernel lab are shown, by the mark that stands before each part. */
const shownIn = {
  'lab-matrix': join(root, 'README.md'),
  'lab-combinations': join(root, 'packages', 'kernel-lab', 'docs', 'comparison.md'),
};

/** Both parts as they are now: what recorded runs come to beside the model of today. */
async function generated() {
  const line = [process.execPath, command, 'lab', 'matrix', '--recorded', '--results', results];
  const { code, output } = await run([...line, '--format', 'markdown'], { limitMs: 300_000 });
  const rows = output.indexOf('| machine | strategy |');
  return {
    code,
    output,
    parts: { 'lab-matrix': output.slice(0, rows).trim(), 'lab-combinations': output.slice(rows).trim() },
  };
}

function withPart(text, name, part) {
  const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
  return text.replace(between, (_, before, after) => `${before}\n${part}\n${after}`);
}

/** Files that do not show what they should, each with the text that would. */
function stale(parts) {
  return Object.entries(shownIn).flatMap(([name, file]) => {
    if (!existsSync(file)) return [];
    const text = readFileSync(file, 'utf8');
    const fresh = withPart(text, name, parts[name]);
    return fresh === text ? [] : [{ file, fresh }];
  });
}

/** Recorded runs have to agree with the model, and the documentation has to show what they come to. */
export async function checkLabMatrix() {
  if (!existsSync(results)) return { passed: 0, failed: 0, output: '' };
  const { code, output, parts } = await generated();
  const wrong = stale(parts).map(({ file }) => `${file} is out of date: node scripts/lab-matrix.mjs --write`);
  const failed = (code === 0 ? 0 : 1) + wrong.length;
  return { passed: 1 + Object.keys(shownIn).length - failed, failed, output: [output, ...wrong].join('\n') };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { parts } = await generated();
  if (process.argv.includes('--write'))
    for (const { file, fresh } of stale(parts)) writeFileSync(file, fresh);
  console.log(Object.values(parts).join('\n\n'));
}
