import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Exit code for trouble with the machine, not with the code: an old Node, no network, a full disk. */
export const ENVIRONMENT_TROUBLE = 3;

/** Root of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** A package as it was built; `entry` is a folder of another entry than the first. */
export function built(name, entry = '') {
  return import(pathToFileURL(join(root, 'packages', name, 'dist', entry, 'index.js')).href);
}

const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));

/** For every tool that we start: nothing is sent home, nothing asks a question. */
export const quietEnvironment = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  npm_config_update_notifier: 'false',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
  NO_COLOR: '1',
};

/** Says what is wrong and what to do about it, and ends with {@link ENVIRONMENT_TROUBLE}. */
export function environmentTrouble(problem, remedy) {
  process.stderr.write(`\nquiesce: ${problem}\n         ${remedy}\n`);
  process.exit(ENVIRONMENT_TROUBLE);
}

/** Ends the program if this Node is too old or npx is missing. */
export function requireEnvironment() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    environmentTrouble(
      `Node ${process.versions.node} is too old.`,
      `Install Node ${manifest.engines.node} and run this again.`,
    );
  }
  const npx = spawnSync('npx', ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  if (npx.status !== 0) {
    environmentTrouble('npx was not found.', 'It comes with npm: install npm and run this again.');
  }
}

/** Command and arguments that run the pnpm version that package.json names; corepack is not needed. */
export function pnpm(...args) {
  return ['npx', '--yes', '--prefer-offline', manifest.packageManager, ...args];
}
