import type { RunStory } from '@quiesce/benchmark';
import type { Outcome } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import pc from 'picocolors';

/** One run as its kernels logged it, and what came of it. */
export function runStory(story: RunStory, machine: Machine): string {
  const { run, log } = story;
  const lines = log.map((line) => (/fault|panic|SERR|NMI|error/i.test(line) ? pc.red(line) : line));
  lines.push('', pc.bold(`${machine.name}, ${run.strategy}, ${run.kernel}, seed ${run.seed}`));
  if (run.failure !== null) lines.push(pc.red(`failed: ${run.failure.code}: ${run.failure.message}`));
  if (run.outcome !== null) lines.push(...summaryOf(run.outcome, machine));
  return `${lines.join('\n')}\n`;
}

function summaryOf(outcome: Outcome, machine: Machine): string[] {
  const { stoppedAt } = outcome;
  const lines = [
    `dump ${outcome.dump}${stoppedAt ? `, stopped in ${stoppedAt.phase}: ${stoppedAt.cause}` : ''}`,
  ];
  const labels = new Map(machine.functions.map((one) => [shortName(one.name), one.label]));
  const named = (name: string): string => (labels.get(name) ? `${name} (${labels.get(name)})` : name);
  for (const [kind, totals] of [
    ['DMA faults', outcome.dmaFaults],
    ['interrupt faults', outcome.interruptFaults],
  ] as const) {
    for (const [name, count] of Object.entries(totals.byRequester)) {
      lines.push(`${kind} of ${named(name)}: ${listOf(count.reasons)} (${listOf(count.phases)})`);
    }
  }
  for (const [name, count] of Object.entries(outcome.untranslated.byRequester)) {
    lines.push(`untranslated DMA of ${named(name)}: ${count}`);
  }
  for (const one of outcome.corruption) {
    lines.push(
      pc.red(
        `${one.bytes} bytes of ${one.owner} overwritten by ${one.requester} in ${one.phases.join(', ')}: ${one.via}`,
      ),
    );
  }
  const { dumpChanges, reboot } = outcome;
  if (dumpChanges.pages > 0) {
    lines.push(
      `${dumpChanges.pages} pages of the dump changed while it was written (${dumpChanges.bytes} bytes)`,
    );
  }
  if (reboot.verdict === 'hung') lines.push(pc.red(`hung at reboot: ${reboot.cause}`));
  const devices = Object.entries(outcome.devices).map(([name, verdict]) => `${name} ${verdict}`);
  lines.push(`devices: ${devices.join(', ')}`, `trace ${outcome.traceHash}`);
  return lines;
}

/** `0000:01:00.0` as outcomes have it. */
function shortName(name: string): string {
  return name.replace(/^0000:/, '');
}

function listOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ×${count}`)
    .join(', ');
}
