import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './environment.mjs';
import { setUp } from './set-up.mjs';

await setUp();
process.stdout.write('\n');
const command = join(root, 'packages', 'cli', 'bin', 'quiesce.js');
const child = spawn(process.execPath, [command, 'compare', ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
});
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
