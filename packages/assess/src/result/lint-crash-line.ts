import type { HostFacts, ImportedCapture } from '@quiesce/machine';
import type { CommandLineFinding } from '../command-line/command-line-finding.ts';
import { lintCrashCommandLine } from '../command-line/lint-command-line.ts';
import type { DumpPath } from '../dump-path/resolve-dump-path.ts';
import { crashMachineFacts } from '../world/crash-machine-facts.ts';
import { type SimulatedWorld, unitsScale } from '../world/simulated-world.ts';

/** What the linter makes of a crash kernel's command line on a captured machine; nothing without a line. */
export function lintCrashLine(
  { host, machine }: ImportedCapture,
  world: SimulatedWorld,
  line: string | undefined,
  dumpPath: DumpPath | null = null,
): CommandLineFinding[] {
  if (line === undefined) return [];
  return lintCrashCommandLine(line, {
    ...(host.kernelRelease === undefined ? {} : { kernelRelease: host.kernelRelease.value }),
    ...(host.commandLine === undefined ? {} : { firstCommandLine: host.commandLine.value }),
    platform: world.platform.kind,
    translation: world.translation.state,
    ...(machine === undefined
      ? {}
      : {
          machine: {
            ...crashMachineFacts(machine, host, unitsScale(machine)),
            dumpDrivers: dumpDriversOf(dumpPath?.functions ?? [], host),
          },
        }),
  });
}

function dumpDriversOf(functions: readonly string[], host: Pick<HostFacts, 'drivers'>): string[] {
  return [...new Set(functions.flatMap((name) => host.drivers[name]?.value ?? []))];
}
