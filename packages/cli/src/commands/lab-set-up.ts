import { type Command, Option } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { kernelLabOf } from '../input/kernel-lab.ts';
import { stepProgress } from '../output/progress.ts';
import type { CommandIo } from '../program.ts';
import { nameList } from './argument-values.ts';

/** `quiesce lab setup` and `quiesce lab doctor` */
export function addLabSetUp(lab: Command, io: CommandIo, exit: (code: number) => void): void {
  lab
    .command('setup')
    .description('fetch kernels and programs for the guest into the cache; what is there stays')
    .addOption(
      new Option('-k, --kernel <a,b>', 'kernels: debian-6.1, debian-6.1.187, …')
        .argParser(nameList)
        .default(['debian-6.1', 'debian-6.12'], 'debian-6.1,debian-6.12'),
    )
    .action(async ({ kernel }: { kernel: string[] }) => {
      const { provision } = await kernelLabOf(io);
      const progress = stepProgress(io);
      const ready = await provision({ kernels: kernel, onProgress: progress.say }).finally(progress.stop);
      for (const one of ready.kernels) io.stdout.write(`${one.name}  ${one.release}\n`);
      for (const { program, debianPackage, without } of ready.missing) {
        io.stderr.write(`quiesce: without ${program} (${debianPackage}): only ${without}\n`);
      }
    });
  lab
    .command('doctor')
    .description('say which programs the lab calls, and which are missing')
    .action(async () => {
      const { knownTools, missingTools } = await kernelLabOf(io);
      const missing = new Set((await missingTools()).map(({ program }) => program));
      const width = Math.max(...knownTools.map(({ program }) => program.length));
      for (const { program, debianPackage, purpose, without } of knownTools) {
        const is = !missing.has(program) ? 'found  ' : without === undefined ? 'MISSING' : 'missing';
        const how = missing.has(program) ? `  (apt-get install ${debianPackage})` : '';
        io.stdout.write(`${is}  ${program.padEnd(width)}  ${purpose}${how}\n`);
      }
      const needed = knownTools.filter(
        ({ program, without }) => missing.has(program) && without === undefined,
      );
      if (needed.length > 0) exit(ExitCode.environment);
    });
}
