import { presets } from '@quiesce/machine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { wrapText } from '../output/wrap-text.ts';
import type { CommandIo } from '../program.ts';

/** `quiesce machines` */
export function addMachines(program: Command, io: CommandIo): void {
  program
    .command('machines')
    .description('The built-in machines')
    .action(() => {
      for (const [name, make] of Object.entries(presets)) {
        const machine = make();
        io.stdout.write(`${pc.bold(name)}\n${wrapText(machine.description, 80, '  ')}`);
        io.stdout.write(
          `  ${machine.functions.length} functions, ${machine.units.length} remapping units, dump to ${machine.dumpTarget ?? 'whatever works'}\n\n`,
        );
      }
    });
}
