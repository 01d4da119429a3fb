import { fileURLToPath } from 'node:url';
import { findPlugin, loadPlugin } from '@quiesce/benchmark';
import type { Command } from 'commander';
import pc from 'picocolors';
import { foundingStrategies } from '../input/founding-strategies.ts';
import { wrapText } from '../output/wrap-text.ts';
import type { CommandIo } from '../program.ts';

/** `quiesce strategies` */
export function addStrategies(program: Command, io: CommandIo): void {
  program
    .command('strategies')
    .description('The strategies that come with the command')
    .action(async () => {
      for (const name of foundingStrategies) {
        const module = findPlugin(name, [fileURLToPath(new URL('.', import.meta.url))]);
        const plugin = await loadPlugin(module);
        io.stdout.write(`${pc.bold(plugin.name)}\n`);
        io.stdout.write(wrapText(plugin.description, 80, '  '));
        if (plugin.kernelParameters !== undefined && plugin.kernelParameters.length > 0) {
          io.stdout.write(`  parameters: ${plugin.kernelParameters.join(' ')}\n`);
        }
        io.stdout.write(wrapText(`after: ${plugin.sources.join('; ')}`, 80, '  '));
        io.stdout.write('\n');
      }
    });
}
