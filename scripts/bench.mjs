import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './environment.mjs';
import { setUp } from './set-up.mjs';

await setUp();
process.stdout.write('\n');
const main = join(root, 'packages', 'speed', 'dist', 'main.js');
const child = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit', cwd: root });
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
