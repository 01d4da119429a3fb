import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentTrouble, pnpm, requireEnvironment, root } from './environment.mjs';
import { digestOfContents, digestOfTimes, isUpToDate, markDone, packageFolders } from './stamp.mjs';
import { Progress, run } from './steps.mjs';

const networkTrouble =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET|ENETUNREACH|FETCH_ERROR/;

/** The lines of packages that could not be built; everything if turbo itself failed. */
function failuresOf(output) {
  const names = [...output.matchAll(/^(\S+)#build: +ERROR/gm)].map((match) => match[1]);
  const lines = output.split('\n').filter((line) => names.some((name) => line.startsWith(`${name}:build:`)));
  return lines.length > 0 ? `${lines.join('\n')}\n` : output;
}

function giveUp(what, { code, output }) {
  process.stdout.write('\n      failed\n');
  process.stderr.write(output);
  if (networkTrouble.test(output)) {
    environmentTrouble(
      `${what}: the package registry cannot be reached.`,
      'Check the network and run this again.',
    );
  }
  if (/ENOSPC/.test(output))
    environmentTrouble(`${what}: the disk is full.`, 'Make room and run this again.');
  if (code === 127) environmentTrouble(`${what}: a program is missing.`, 'See the message above.');
  process.stderr.write(`\nquiesce: ${what} failed (exit code ${code}).\n`);
  process.exit(1);
}

async function fetchPnpm() {
  const result = await run(pnpm('--version'));
  if (result.code !== 0) {
    process.stdout.write('failed\n');
    process.stderr.write(result.output);
    environmentTrouble(
      'pnpm cannot be fetched by npx.',
      'Check the network and npm’s settings, then run this again.',
    );
  }
}

async function install() {
  const manifests = ['', ...packageFolders().map((folder) => `${folder}/`)].map(
    (path) => `${path}package.json`,
  );
  const digest = digestOfContents(['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]);
  if (existsSync(join(root, 'node_modules', '.modules.yaml')) && isUpToDate('install', digest))
    return 'up to date';
  const result = await run(pnpm('install', '--frozen-lockfile', '--prefer-offline'), { env: { CI: 'true' } });
  if (result.code !== 0) giveUp('installing dependencies', result);
  markDone('install', digest);
}

async function build(progress) {
  const folders = packageFolders();
  const sources = folders.flatMap((folder) => [`${folder}/src`]);
  const times = digestOfTimes(sources);
  const contents = digestOfContents([
    'tsdown.shared.ts',
    'turbo.json',
    ...folders.flatMap((folder) => [`${folder}/package.json`, `${folder}/tsdown.config.ts`]),
  ]);
  const digest = `${times} ${contents}`;
  const built = folders
    .filter((folder) => folder.startsWith('packages/'))
    .every((folder) => existsSync(join(root, folder, 'dist')));
  if (built && isUpToDate('build', digest)) return 'up to date';
  let done = 0;
  const onLine = (line) => {
    const name = /^(\S+):build: .*Build complete/.exec(line)?.[1];
    if (name !== undefined) progress.note(`${++done} ${name}`);
  };
  // Through pnpm, so that turbo finds a pnpm to run the packages' scripts with.
  const result = await run(
    pnpm('exec', 'turbo', 'run', 'build', '--cache=local:rw', '--output-logs=new-only', '--no-color'),
    { onLine },
  );
  if (result.code !== 0) giveUp('building', { ...result, output: failuresOf(result.output) });
  markDone('build', digest);
}

/** Brings a fresh clone, or an edited one, to where everything can run. Prints one line per step. */
export async function setUp() {
  requireEnvironment();
  const progress = new Progress(3);
  const needsPnpm = !existsSync(join(root, 'node_modules', '.modules.yaml'));
  await progress.step('getting pnpm', async () => {
    if (!needsPnpm) return 'up to date';
    return fetchPnpm();
  });
  await progress.step('installing dependencies', install);
  await progress.step('building packages', () => build(progress));
}
