import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openCapture } from '@quiesce/capture';
import { diagnoseText } from '@quiesce/diagnose';
import { importCapture } from '@quiesce/machine';
import type { Limit, Skipped } from '../harness/side.ts';

/** Captures of real machines, which do not come with the repository. */
const folder = join(repository(), '../shared/real-captures');

const about = {
  id: 'captures',
  title: 'import of real machines and logs',
};

/** Import of everything in the folder of real captures, from its files. */
export function captureImport(): Limit | Skipped {
  if (!existsSync(folder)) {
    return { kind: 'skipped', ...about, reason: 'there are no captures in ../shared/real-captures' };
  }
  return {
    kind: 'limit',
    ...about,
    work:
      'Every machine of ../shared/real-captures is read from its folder and imported, every DMAR table by itself, and ' +
      'every log diagnosed. The largest resident set of the process must stay below 300 MB, or this fails.',
    unit: 's',
    atMost: 10,
    async figure() {
      const start = performance.now();
      for (const machine of entriesOf('machines')) {
        const { files } = await openCapture(machine);
        importCapture(files, { name: machine });
      }
      for (const table of entriesOf('dmar').filter((path) => path.endsWith('.dat'))) {
        const { files } = await openCapture(table);
        importCapture(files, { name: table });
      }
      for (const log of entriesOf('logs')) {
        const { files } = await openCapture(log);
        for (const { content, path } of files) diagnoseText(content, { file: path });
      }
      const seconds = (performance.now() - start) / 1000;
      const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
      if (megabytes > 300) throw new Error(`${megabytes.toFixed(0)} MB were resident, 300 wanted`);
      return seconds;
    },
  };
}

function entriesOf(name: string): string[] {
  const parent = join(folder, name);
  return readdirSync(parent)
    .sort()
    .map((entry) => join(parent, entry));
}

/** The repository's folder, from its sources or from what they were built to. */
function repository(): string {
  let at = import.meta.dirname;
  while (!existsSync(join(at, 'pnpm-workspace.yaml'))) at = dirname(at);
  return at;
}
