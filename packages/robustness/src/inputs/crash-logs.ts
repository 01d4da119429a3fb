import { crash } from '@quiesce/boot-sequencer';
import { preset } from '@quiesce/machine';
import none from '@quiesce/strategy-none';

/** Logs of the laboratory's own crashes: one kernel of each era of line shapes. */
export function crashLogs(): string[] {
  const worlds = [
    ['server-2012', 'linux-3.10'],
    ['q35-lab', 'linux-6'],
    ['q35-lab', 'linux-6-no-copy'],
    ['epyc-2025', 'amd-rebuild'],
  ] as const;
  return worlds.map(([machine, kernel]) => {
    const { log } = crash({ machine: preset(machine), strategy: none, kernel, seed: 1 });
    // The beginning and the end of a flood say as much as the whole.
    return [...log.slice(0, 250), ...log.slice(-100)].join('\n');
  });
}
