import type { Severity } from '@quiesce/report';
import { describeDumps } from '../advice/describe-gain.ts';
import type { PlatformFinding } from '../world/platform-finding.ts';
import type { Advice, AssessedKernel, Standing } from './assessment.ts';

/** The answer in a sentence or two, and how bad it is. */
export function summaryOf(
  platform: PlatformFinding,
  kernel: AssessedKernel | null,
  now: Standing | null,
  advice: readonly Advice[],
  refused?: string,
): { readonly summary: string; readonly severity: Severity } {
  const urgent = advice.find(({ severity, measured }) => severity === 'critical' && measured === undefined);
  if (now === null || kernel === null) {
    const severity = refused === undefined ? platform.severity : 'warning';
    return { summary: refused ?? platform.text, severity: urgent === undefined ? severity : 'critical' };
  }
  const gain = advice.find(({ measured }) => measured !== undefined);
  const release = kernel.release ?? (kernel.match === 'assumed' ? `today's Linux` : kernel.profile);
  const most =
    gain === undefined ? 'Nothing that was tried does clearly better.' : `Most gain: ${gain.title}.`;
  const dumps = describeDumps(now.tally);
  const first =
    urgent === undefined
      ? `As things are (${release}), there is ${dumps}.`
      : `${urgent.text} Once that is put right, there would be ${dumps} (${release}).`;
  return {
    summary: `${first} ${most}`,
    severity: urgent === undefined ? severityOf(now) : 'critical',
  };
}

function severityOf({ tally }: Standing): Severity {
  if (tally.ended === 0) return 'warning';
  const lost = tally.dumps.of - tally.dumps.times;
  if (lost > tally.dumps.of / 10) return 'critical';
  const trouble = lost > 0 || tally.trueDumps.times < tally.trueDumps.of || tally.corruptedBytes.most > 0;
  return trouble || tally.untranslated.median > 0 ? 'warning' : 'good';
}
