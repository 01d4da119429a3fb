import { type Command, Option } from 'commander';
import { collect } from './argument-values.ts';

/** The options of every command that takes the captures of a real machine. */
export function addCaptureOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-c, --capture <path>',
        'a real machine: what quiesce capture wrote, a folder, an archive, files (repeatable)',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--lspci <file>', 'a real machine: output of lspci -xxxx as root (any of -n -nn -v -D with it)')
    .option('--acpi <file>', 'its DMAR table: binary, or the text of acpidump')
    .option('--iomem <file>', 'its /proc/iomem, read as root');
}
