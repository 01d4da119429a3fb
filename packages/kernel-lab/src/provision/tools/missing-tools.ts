import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type KnownTool, knownTools } from './known-tools.ts';
import { searchPath } from './run-tool.ts';

/** Programs that the lab calls and that this host has not. */
export async function missingTools(path: string = searchPath): Promise<KnownTool[]> {
  const missing: KnownTool[] = [];
  for (const tool of knownTools) {
    if (!(await isProgram(tool.program, path))) missing.push(tool);
  }
  return missing;
}

/** Whether a program is in one of the path's directories. */
export async function isProgram(program: string, path: string = searchPath): Promise<boolean> {
  for (const directory of path.split(delimiter)) {
    if (directory === '') continue;
    try {
      await access(join(directory, program), constants.X_OK);
      return true;
    } catch {
      // Perhaps in the next one.
    }
  }
  return false;
}
