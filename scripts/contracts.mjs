// Every strategy of the house obeys the contract on every preset machine. From what was built: there it takes a third of
// the time that it takes from sources.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { built, root } from './environment.mjs';
import { run } from './steps.mjs';

/** Processes that share the strategies among them. */
const PROCESSES = 2;

const strategies = readdirSync(join(root, 'packages'))
  .filter((name) => name.startsWith('strategy-'))
  .sort();

/** Each strategy with the laws that it breaks, as a line. */
export async function checkContracts() {
  const script = fileURLToPath(import.meta.url);
  const shares = Array.from({ length: PROCESSES }, (_, share) =>
    run([process.execPath, script, String(share)], { limitMs: 600_000 }),
  );
  const output = (await Promise.all(shares)).map((share) => share.output).join('');
  const passed = output.split('\n').filter((line) => line.endsWith(': obeys')).length;
  return { passed, failed: strategies.length - passed, output };
}

async function checkShare(share) {
  const { contractLaboratory } = await built('boot-sequencer');
  const { checkContract } = await built('strategy', 'contract');
  const laboratory = contractLaboratory();
  for (const [index, name] of strategies.entries()) {
    if (index % PROCESSES !== share) continue;
    const { default: plugin } = await built(name);
    const broken = checkContract(plugin, laboratory).laws.filter((law) => !law.passed);
    const named = `strategy-${plugin.name}` === name ? [] : [`is named ${plugin.name}`];
    const wrong = [...named, ...broken.map((law) => JSON.stringify(law))];
    process.stdout.write(`${name}: ${wrong.length === 0 ? 'obeys' : wrong.join('; ')}\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await checkShare(Number(process.argv[2]));
