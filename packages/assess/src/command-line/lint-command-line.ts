import type { CommandLineContext, CommandLineFinding } from './command-line-finding.ts';
import { CrashParameters } from './crash-parameters.ts';
import { dumpRules } from './dump-rules.ts';
import { economyRules } from './economy-rules.ts';
import { expressRules } from './express-rules.ts';
import { initialFileSystemRules } from './initial-file-system-rules.ts';
import { interruptRules } from './interrupt-rules.ts';
import { processorRules, vectorRules } from './processor-rules.ts';
import { remappingRules } from './remapping-rules.ts';
import { repetitionRules } from './repeated-parameters.ts';
import { unknownRules } from './unknown-parameters.ts';

const order = ['critical', 'warning', 'note', 'good'] as const;

/**
 * What is to be said of a crash kernel's command line: parameters that nobody reads or that have no effect on this machine, that
 * contradict each other or the production kernel, and what is missing. Most serious first, else in the order of the groups.
 */
export function lintCrashCommandLine(line: string, context: CommandLineContext = {}): CommandLineFinding[] {
  const parameters = new CrashParameters(line);
  const findings = [
    ...unknownRules(parameters),
    ...repetitionRules(parameters),
    ...remappingRules(parameters, context),
    ...processorRules(parameters, context),
    ...vectorRules(parameters, context),
    ...interruptRules(parameters, context),
    ...expressRules(parameters, context),
    ...dumpRules(parameters, context),
    ...initialFileSystemRules(parameters, context),
    ...economyRules(parameters, context),
  ];
  return findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
