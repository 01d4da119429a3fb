import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for compiled peers and their input, removed when the process ends. */
export const scratchFolder: string = mkdtempSync(join(tmpdir(), 'quiesce-speed-'));

process.on('exit', () => rmSync(scratchFolder, { recursive: true, force: true }));
