import type { ImportNote } from '../description/machine.ts';
import {
  type CrashCommandLineRules,
  crashCommandLine,
  debianRules,
  redHatRules,
  suseRules,
} from './crash-command-line.ts';
import { destinationOfKdumpConf, destinationOfVariables } from './dump-destination.ts';
import type { Stated } from './host-facts.ts';
import { omittedDrivers } from './omitted-drivers.ts';
import type { FactText } from './section-reader.ts';
import { type ShellAssignment, shellAssignments } from './shell-assignments.ts';

/** What the configuration of kdump says. */
export interface KdumpConfiguration {
  readonly crashCommandLine?: Stated<string>;
  readonly dumpDestination?: Stated<string>;
  readonly omittedDrivers: readonly Stated<string>[];
  readonly notes: readonly ImportNote[];
}

/** Reads the files of kdump's configuration that a capture has; `first` is the first kernel's command line. */
export function readKdumpConfiguration(
  files: readonly FactText[],
  first: string | undefined,
): KdumpConfiguration {
  const notes: ImportNote[] = [];
  let command: Stated<string> | undefined;
  let destination: Stated<string> | undefined;
  const conf = files.find((one) => one.path?.endsWith('kdump.conf') === true);
  if (conf !== undefined) destination = destinationOfKdumpConf(conf.text, conf.file, conf.line);
  for (const one of files) {
    if (one === conf) continue;
    const variables = shellAssignments(one.text);
    const rules = rulesFor(one, variables, conf !== undefined);
    if (rules === undefined) {
      notes.push({ file: one.file, line: one.line, message: 'this sets no variable of kdump' });
      continue;
    }
    const made = crashCommandLine(rules, variables, first);
    const line = variables.get(rules.append)?.line ?? variables.get(rules.base)?.line;
    const place = { file: one.file, ...(line === undefined ? {} : { line: one.line + line - 1 }) };
    if (command === undefined) {
      command = { value: made.value, ...place };
      if (made.partial) {
        const message =
          "the first kernel's command line is not known: what kdump adds to it is all that is known";
        notes.push({ ...place, message });
      }
      for (const name of made.unresolved) {
        notes.push({
          ...place,
          message: `${name} holds what only a shell can resolve, and is taken as it stands`,
        });
      }
    }
    destination ??= destinationOfVariables(variables, one.file, one.line);
  }
  return {
    ...(command === undefined ? {} : { crashCommandLine: command }),
    ...(destination === undefined ? {} : { dumpDestination: destination }),
    omittedDrivers: conf === undefined ? [] : omittedDrivers(conf.text, conf.file, conf.line),
    notes,
  };
}

function rulesFor(
  one: FactText,
  variables: ReadonlyMap<string, ShellAssignment>,
  redHat: boolean,
): CrashCommandLineRules | undefined {
  const names = [...variables.keys()];
  if (names.some((name) => name.startsWith('KDUMP_CMDLINE')) || one.path?.endsWith('kdump-tools') === true) {
    return debianRules;
  }
  if (!names.some((name) => name.startsWith('KDUMP_'))) return undefined;
  if (redHat || names.includes('KDUMP_COMMANDLINE_REMOVE') || names.includes('KDUMP_IMG')) return redHatRules;
  return names.includes('KDUMP_SAVEDIR') || names.includes('KDUMP_DUMPLEVEL') ? suseRules : redHatRules;
}
