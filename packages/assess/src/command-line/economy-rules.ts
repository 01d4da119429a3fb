import { compareVersions, parseKernelVersion } from '../kernels/kernel-version.ts';
import { type CommandLineContext, type CommandLineFinding, finding } from './command-line-finding.ts';
import type { CrashParameters } from './crash-parameters.ts';
import settings from './economy-settings.json' with { type: 'json' };
import { isX86 } from './platform-kinds.ts';

interface Setting {
  readonly parameter: string;
  readonly value?: string;
  /** The setting is for x86 alone. */
  readonly x86?: boolean;
  /** First version that has it. */
  readonly from?: string;
  readonly saves: string;
  readonly without: string;
  readonly severity: 'note' | 'warning';
  readonly source: string;
}

/** Settings that a kernel with little memory and one task does better with. */
export function economyRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  const version = context.kernelRelease === undefined ? undefined : parseKernelVersion(context.kernelRelease);
  const findings: CommandLineFinding[] = [];
  for (const one of settings as readonly Setting[]) {
    if (one.x86 === true && !isX86(context.platform)) continue;
    const written = one.value === undefined ? one.parameter : `${one.parameter}=${one.value}`;
    const name = one.parameter.replaceAll('-', '_');
    const present = one.value === undefined ? line.has(name) : line.values(name).includes(one.value);
    const [since, number] = [one.from === undefined ? undefined : parseKernelVersion(one.from), version];
    const known = since === undefined || number === undefined || compareVersions(number, since) >= 0;
    if (present && !known) {
      const text = `Kernels before ${one.from} do not have it; it does no harm.`;
      findings.push(finding('note', written, `${written} is newer than this kernel`, text, [one.source, one.saves]));
    } else if (present) {
      findings.push(finding('good', written, `${written} suits a crash kernel`, one.saves, [one.source, one.saves]));
    } else if (known && !line.has(name)) {
      findings.push(finding(one.severity, written, `${written} is not set`, one.without, [one.source, one.saves]));
    }
  }
  return findings;
}
