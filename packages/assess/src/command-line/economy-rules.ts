import { compareKernelVersions, parseKernelVersion } from '@quiesce/machine';
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

/** Settings that a kernel with little memory and one task does better with: those that are missing, and those that are there. */
export function economyRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  const version = context.kernelRelease === undefined ? undefined : parseKernelVersion(context.kernelRelease);
  const findings: CommandLineFinding[] = [];
  const missing: Setting[] = [];
  const present: Setting[] = [];
  for (const one of settings as readonly Setting[]) {
    if (one.x86 === true && !isX86(context.platform)) continue;
    const written = writtenOf(one);
    const name = one.parameter.replaceAll('-', '_');
    const isThere = one.value === undefined ? line.has(name) : line.values(name).includes(one.value);
    const since = one.from === undefined ? undefined : parseKernelVersion(one.from);
    const known = since === undefined || version === undefined || compareKernelVersions(version, since) >= 0;
    if (isThere && !known) {
      const text = `Kernels before ${one.from} do not have it; it does no harm.`;
      findings.push(
        finding('note', written, `${written} is newer than this kernel`, text, [one.source, one.saves]),
      );
    } else if (isThere) present.push(one);
    else if (!known || line.has(name)) continue;
    else if (one.severity === 'warning') {
      findings.push(
        finding('warning', written, `${written} is not set`, one.without, [one.source, one.saves]),
      );
    } else missing.push(one);
  }
  if (missing.length > 0) {
    const text = missing.map((one) => `${writtenOf(one)}: ${one.without}`).join(' ');
    const title =
      missing.length === 1
        ? 'A setting for crash kernels is missing'
        : `${missing.length} settings for crash kernels are missing`;
    findings.push(together('note', title, text, missing));
  }
  if (present.length > 0) {
    const text = present.map((one) => `${writtenOf(one)}: ${one.saves}`).join(' ');
    findings.push(together('good', 'Settings that suit a crash kernel', text, present));
  }
  return findings;
}

function writtenOf({ parameter, value }: Setting): string {
  return value === undefined ? parameter : `${parameter}=${value}`;
}

function together(
  severity: 'note' | 'good',
  title: string,
  text: string,
  several: readonly Setting[],
): CommandLineFinding {
  const sources = new Map(several.map((one) => [one.source, writtenOf(one)]));
  for (const one of several) {
    const before = sources.get(one.source) as string;
    if (!before.split(' ').includes(writtenOf(one))) sources.set(one.source, `${before} ${writtenOf(one)}`);
  }
  const all = several.map(writtenOf).join(' ');
  return {
    ...finding(severity, all, title, text, ...sources),
    ...(severity === 'note' ? { commands: [all] } : {}),
  };
}
