import { existsSync } from 'node:fs';
import { run } from './steps.mjs';

/** Path of a Node of that major version, which npx fetches if it has to; undefined where it cannot. */
export async function otherNode(major) {
  const ask = ['-p', 'process.version + "\\n" + process.execPath'];
  const command = ['npx', '--yes', '--prefer-offline', '-p', `node@${major}`, '--', 'node', ...ask];
  const { code, output } = await run(command, { limitMs: 180_000 });
  const [path, version] = output.trim().split('\n').reverse();
  return code === 0 && version?.startsWith(`v${major}.`) && existsSync(path) ? path : undefined;
}
