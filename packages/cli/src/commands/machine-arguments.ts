import type { Command } from 'commander';

/** The options of every command that takes the captures of a real machine. */
export function addCaptureOptions(command: Command): Command {
  return command
    .option('--lspci <file>', 'a real machine: output of lspci -xxxx as root (any of -n -nn -v -D with it)')
    .option('--acpi <file>', 'its DMAR table: binary, or the text of acpidump')
    .option('--iomem <file>', 'its /proc/iomem, read as root');
}
