import { presets } from '@quiesce/machine';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { chooseMachine, type MachineOptions } from '../input/choose-machine.ts';
import { machineReport } from '../output/machine-report.ts';
import { countOf } from '../output/quantity.ts';
import { terminalColumns } from '../output/terminal-columns.ts';
import { wrapText } from '../output/wrap-text.ts';
import type { CommandIo } from '../program.ts';
import { addCaptureOptions } from './machine-arguments.ts';

interface MachinesOptions extends MachineOptions {
  readonly format: 'table' | 'json';
}

/** `quiesce machines [NAME]` */
export function addMachines(program: Command, io: CommandIo): void {
  const command = program
    .command('machines')
    .description('the built-in machines; or one machine in full, with what was inferred of it')
    .argument('[name]', 'a built-in machine, or a machine as a .json file');
  addCaptureOptions(command)
    .addOption(
      new Option('-f, --format <format>', 'of one machine; json can be edited and compared with --machine')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(async (name: string | undefined, options: MachinesOptions) => {
      const { lspci, acpi, capture = [] } = options;
      if (name === undefined && lspci === undefined && acpi === undefined && capture.length === 0) {
        io.stdout.write(listOfPresets());
        return;
      }
      const choice = { ...options, ...(name === undefined ? {} : { machine: name }) };
      const machine = await chooseMachine(choice, '');
      if (options.format === 'json') io.stdout.write(`${JSON.stringify(machine, null, 2)}\n`);
      else io.stdout.write(machineReport(machine, terminalColumns(io)));
    });
}

function listOfPresets(): string {
  const parts: string[] = [];
  for (const [name, make] of Object.entries(presets)) {
    const machine = make();
    const contents = [
      countOf(machine.functions.length, 'function'),
      countOf(machine.units.length, 'remapping unit'),
      `dump to ${machine.dumpTarget ?? 'nothing'}`,
    ];
    parts.push(`${pc.bold(name)}\n${wrapText(machine.description, 80, '  ')}  ${contents.join(', ')}\n\n`);
  }
  return parts.join('');
}
