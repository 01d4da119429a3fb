import { kernelProfiles } from '@quiesce/boot-sequencer';
import type { Command } from 'commander';
import pc from 'picocolors';
import { wrapText } from '../output/wrap-text.ts';
import type { CommandIo } from '../program.ts';

/** `quiesce kernels` */
export function addKernels(program: Command, io: CommandIo): void {
  program
    .command('kernels')
    .description('the kernels and hypervisors that can crash or boot')
    .action(() => {
      for (const profile of kernelProfiles) {
        io.stdout.write(`${pc.bold(profile.name)}\n${wrapText(profile.description, 80, '  ')}\n`);
      }
    });
}
