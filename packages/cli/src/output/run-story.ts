import type { CrashResult } from '@quiesce/boot-sequencer';
import pc from 'picocolors';

/** One run as its kernels logged it, and what came of it. */
export function runStory(result: CrashResult): string {
  const { outcome } = result;
  const lines = result.log.map((line) => (/fault|panic|SERR|NMI|error/i.test(line) ? pc.red(line) : line));
  lines.push('');
  lines.push(
    `dump ${outcome.dump}${outcome.stoppedAt ? `, stopped in ${outcome.stoppedAt.phase}: ${outcome.stoppedAt.cause}` : ''}`,
  );
  for (const [kind, totals] of [
    ['DMA faults', outcome.dmaFaults],
    ['interrupt faults', outcome.interruptFaults],
  ] as const) {
    for (const [name, count] of Object.entries(totals.byRequester)) {
      const reasons = Object.entries(count.reasons).map(([reason, n]) => `${reason} x${n}`);
      const phases = Object.entries(count.phases).map(([phase, n]) => `${phase} ${n}`);
      lines.push(`${kind} of ${name}: ${reasons.join(', ')} (${phases.join(', ')})`);
    }
  }
  for (const [name, n] of Object.entries(outcome.untranslated.byRequester))
    lines.push(`untranslated DMA of ${name}: ${n}`);
  for (const one of outcome.corruption) {
    lines.push(
      pc.red(
        `${one.bytes} bytes of ${one.owner} overwritten by ${one.requester} in ${one.phases.join(', ')}: ${one.via}`,
      ),
    );
  }
  const devices = Object.entries(outcome.devices).map(([name, verdict]) => `${name} ${verdict}`);
  lines.push(`devices: ${devices.join(', ')}`, `trace ${outcome.traceHash}`);
  return `${lines.join('\n')}\n`;
}
