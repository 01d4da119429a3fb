import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { built, root } from './environment.mjs';
import { run, secondsSince } from './steps.mjs';

const command = join(root, 'packages', 'cli', 'bin', 'quiesce.js');
const ASSESS_MS = 120_000;
const MOST_SHOWN = 40;

/**
 * Takes captures in a guest, as root and as an ordinary user, by the shell script; holds them against the guest's hardware
 * and the machine that it was made from; assesses both.
 * @param amd with an AMD IOMMU in place of the machine's own unit, of which there is no machine to compare with
 * @param into folder in which the captures stay; default: none
 */
export async function checkGuestCapture({ machine: name, kernel: kernelName, amd = false, into }) {
  const lab = await built('kernel-lab');
  const { qemuTopology } = await built('qemu-control');
  const cache = new lab.Cache();
  const kernel = await lab.labKernel(kernelName, cache);
  const machine = lab.labTopology(name);
  const start = performance.now();
  const words = qemuTopology(machine).arguments;
  const isUnit = (word) => word?.startsWith('intel-iommu');
  const others = words.filter((word, index) => !isUnit(word) && !isUnit(words[index + 1]));
  const capture = await lab.captureGuest({
    machine: amd ? { ...machine, units: [] } : machine,
    kernel,
    cache,
    ...(amd ? { topology: [...others, '-device', 'amd-iommu,intremap=on'] } : {}),
    ...(machine.scalable ? { parameters: ['intel_iommu=on,sm_on'] } : {}),
  });
  const took = secondsSince(start);
  const checked = lab.checkCapture(capture, amd ? undefined : machine, kernel.version);
  const lines = [`${name}${amd ? ', AMD' : ''}, ${kernel.name}: two captures in ${took}`];
  for (const { taker, imported, differences } of checked) {
    const { functions = [], units = [] } = imported.machine ?? {};
    lines.push(
      `  ${taker}: ${functions.length} functions, ${units.length} units, ${imported.notes.length} notes, ${differences.length} differences`,
      ...differences
        .slice(0, MOST_SHOWN)
        .map(({ at, expected, reported }) => `    ${at}: ${expected}, captured ${reported}`),
    );
  }
  const assessed = await assess(capture, into, lines);
  const good = checked.filter(({ differences }) => differences.length === 0).length;
  return {
    passed: good + assessed,
    failed: checked.length - good + 2 - assessed,
    output: `${lines.join('\n')}\n`,
  };
}

/** How many of the two captures can be assessed. */
async function assess(capture, into, lines) {
  if (into !== undefined) mkdirSync(into, { recursive: true });
  const folder = into ?? mkdtempSync(join(tmpdir(), 'quiesce-captures-'));
  try {
    const good = await Promise.all(['root', 'user'].map((taker) => assessOne(capture, taker, folder, lines)));
    return good.filter(Boolean).length;
  } finally {
    if (into === undefined) rmSync(folder, { recursive: true });
  }
}

async function assessOne(capture, taker, folder, lines) {
  const file = join(folder, `${taker}.json`);
  writeFileSync(file, capture[taker]);
  const args = ['assess', file, '--seeds', '1', '--strategies', 'none', '--format', 'json'];
  const { code, output } = await run([process.execPath, command, ...args], { limitMs: ASSESS_MS });
  if (code !== 0) lines.push(`  assess ${taker}: exit code ${code}\n${output}`);
  return code === 0;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      machine: { type: 'string', default: 'q35-lab' },
      kernel: { type: 'string', default: 'debian-6.12' },
      amd: { type: 'boolean', default: false },
      into: { type: 'string' },
    },
  });
  const { failed, output } = await checkGuestCapture(values);
  process.stdout.write(output);
  process.exitCode = failed === 0 ? 0 : 1;
}
