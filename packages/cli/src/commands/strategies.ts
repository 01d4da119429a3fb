import { type AnyPlugin, findPlugin, loadPlugin } from '@quiesce/benchmark';
import type { OptionDeclaration, OptionDeclarations } from '@quiesce/strategy';
import type { Command } from 'commander';
import pc from 'picocolors';
import { ownFolder, ownStrategies } from '../input/own-strategies.ts';
import { wrapText } from '../output/wrap-text.ts';
import type { CommandIo } from '../program.ts';

/** `quiesce strategies` */
export function addStrategies(program: Command, io: CommandIo): void {
  program
    .command('strategies')
    .description('the strategies that come with the command')
    .action(async () => {
      for (const name of ownStrategies) {
        const module = findPlugin(name, [ownFolder]);
        const plugin = await loadPlugin(module);
        io.stdout.write(`${pc.bold(plugin.name)}\n`);
        io.stdout.write(wrapText(plugin.description, 80, '  '));
        if (plugin.kernelParameters !== undefined && plugin.kernelParameters.length > 0) {
          io.stdout.write(`  parameters: ${plugin.kernelParameters.join(' ')}\n`);
        }
        for (const line of optionLines(plugin)) io.stdout.write(wrapText(line, 80, '  '));
        io.stdout.write(wrapText(`after: ${plugin.sources.join('; ')}`, 80, '  '));
        io.stdout.write('\n');
      }
    });
}

/** Options that are declared, not merely validated. */
function optionLines(plugin: AnyPlugin): string[] {
  const { declarations } = (plugin.options ?? {}) as { declarations?: OptionDeclarations };
  return Object.entries(declarations ?? {}).map(
    ([key, option]) =>
      `--option ${plugin.name}.${key}=${valuesOf(option)}: ${option.description} Default ${option.default}.`,
  );
}

function valuesOf(option: OptionDeclaration): string {
  if (option.type === 'integer') return `${option.minimum}..${option.maximum}`;
  return option.type === 'boolean' ? 'true|false' : option.choices.join('|');
}
