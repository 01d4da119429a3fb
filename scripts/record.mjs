import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './environment.mjs';
import { run } from './steps.mjs';

const command = join(root, 'packages', 'cli', 'bin', 'quiesce.js');
const readme = join(root, 'README.md');
const env = { COLUMNS: '120', NO_COLOR: '1' };

async function quiesce(...args) {
  const { code, output } = await run([process.execPath, command, ...args], { env, limitMs: 300_000 });
  return { code, output };
}

/** The parts of the README that are generated, by the mark that stands before each. */
async function generated() {
  const [record, standings] = [
    await quiesce('record', '--format', 'json'),
    await quiesce('compare', '--record', '--format', 'markdown'),
  ];
  const result = JSON.parse(record.output.slice(record.output.indexOf('{')));
  return { result, parts: { record: recordPart(result), standings: standings.output.trim() } };
}

function recordPart({ cases, totals }) {
  const groups = new Map();
  for (const one of cases) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  const rows = [...groups].map(([group, members]) => {
    const count = (verdict) => members.filter((one) => one.verdict === verdict).length;
    const predictions = members.filter((one) => one.standing === 'prediction').length;
    const flips = members.filter((one) => one.counterfactual?.flips).length;
    const tested = members.filter((one) => one.counterfactual !== null).length;
    return `| ${group} | ${members.length} | ${count('agrees') - predictions} | ${count('disagrees')} | ${count('unexplained')} | ${predictions} | ${flips} of ${tested} |`;
  });
  return [
    '| | cases | agree | disagree | unexplained | predictions | change without their cause |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    `${totals.cases} cases, ${totals.crashes.toLocaleString('en-US')} crashes.`,
  ].join('\n');
}

function withParts(text, parts) {
  return Object.entries(parts).reduce((so, [name, part]) => {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
    return so.replace(between, (_, before, after) => `${before}\n${part}\n${after}`);
  }, text);
}

/** Replays the record: a case is a check, and the README has to show what came out. */
export async function checkRecord() {
  const { result, parts } = await generated();
  const wrong = result.cases.filter(
    (one) => one.verdict === 'disagrees' || one.verdict === 'failed' || one.counterfactual?.flips === false,
  );
  const text = readFileSync(readme, 'utf8');
  const stale = withParts(text, parts) !== text;
  return {
    passed: result.cases.length - wrong.length + (stale ? 0 : 1),
    failed: wrong.length + (stale ? 1 : 0),
    output: [
      ...wrong.map(
        (one) => `${one.id}: ${one.verdict}, ${one.counterfactual?.flips ? 'flips' : 'does not flip'}`,
      ),
      ...(stale
        ? ['README.md does not show what the record comes to now: node scripts/record.mjs --write']
        : []),
    ].join('\n'),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { result, parts } = await generated();
  if (process.argv.includes('--write')) writeFileSync(readme, withParts(readFileSync(readme, 'utf8'), parts));
  console.log(Object.values(parts).join('\n\n'));
  console.log(result.totals);
}
