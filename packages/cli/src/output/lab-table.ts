import type { DeviceRow, LabReport } from '@quiesce/kernel-lab';
import Table from 'cli-table3';
import pc from 'picocolors';
import type { KernelLab } from '../input/kernel-lab.ts';
import { countOf } from './quantity.ts';
import { borderless, linesOf } from './table-style.ts';
import { wrapText } from './wrap-text.ts';

/** Prediction and observation side by side: two lines a device, phases as columns. */
export function labTable(report: LabReport, lab: KernelLab, width: number): string {
  const { machine, strategy, kernelVersion, variant, runs, qemuVersion } = report;
  const options = Object.entries(strategy.options).map(([key, value]) => ` ${key}=${String(value)}`);
  const head = `${machine}, ${strategy.name}${options.join('')}, Linux ${kernelVersion}, ${modeText(variant)}`;
  const how =
    runs.length === 0
      ? `${countOf(report.predicted.seeds, 'crash', 'crashes')} of the model; no kernel was booted`
      : `${countOf(report.predicted.seeds, 'crash', 'crashes')} of the model, ${countOf(runs.length, 'crash', 'crashes')} of the kernel under QEMU ${qemuVersion}`;
  return [
    wrapText(head, width),
    `${pc.dim(how)}\n\n`,
    `${deviceTable(report, lab)}\n\n`,
    wrapText(endText(report), width),
    differences(report, lab, width),
  ].join('');
}

function modeText(variant: LabReport['variant']): string {
  const { tables, firstScalable, secondScalable, interrupts } = variant;
  const mode = (scalable: boolean): string => (scalable ? 'scalable' : 'legacy');
  return [
    { copy: 'tables copied', 'no-copy': 'tables built anew', 'iommu-off': 'intel_iommu=off' }[tables],
    ...(firstScalable || secondScalable ? [`${mode(firstScalable)}, then ${mode(secondScalable)}`] : []),
    ...(interrupts === 'on' ? ['interrupts on'] : []),
  ].join(', ');
}

function deviceTable(report: LabReport, lab: KernelLab): string {
  const ran = report.runs.length > 0;
  const phases = lab.shownPhases(report);
  const table = new Table(borderless(['left', 'left', ...phases.map(() => 'right' as const), 'left']));
  table.push(['device', '', ...phases, 'afterwards'].map((one) => pc.dim(one)));
  for (const row of report.devices.filter(lab.isOfInterest)) {
    const predicted = phases.map((phase) => lab.tallyText(row.phases[phase]?.predicted ?? null));
    table.push([short(row.device), 'model', ...predicted, row.predicted.join(' or ')]);
    if (!ran) continue;
    const observed = phases.map((phase) => {
      const column = row.phases[phase];
      return painted(lab.tallyText(column?.observed ?? null), column?.standing);
    });
    table.push(['', 'kernel', ...observed, painted(row.observed.join(' or '), row.standing)]);
  }
  return linesOf(table).join('\n');
}

function short(device: string): string {
  return device.startsWith('0000:') ? device.slice(5) : device;
}

function painted(text: string, standing: DeviceRow['standing'] | undefined): string {
  if (standing === 'disagrees') return pc.red(`${text} ✗`);
  if (standing === 'explained') return pc.yellow(`${text} ~`);
  return text;
}

/** What became of both kernels' dumps, and how much agrees. */
function endText({ predicted, runs, totals }: LabReport): string {
  const dump = (exists: boolean): string => (exists ? 'there is a /proc/vmcore' : 'there is no /proc/vmcore');
  const model = predicted.stopped.map((cause, index) =>
    cause === null ? dump(predicted.dump[index] ?? predicted.dump[0] ?? false) : `it stops: ${cause}`,
  );
  const said = `In the model ${[...new Set(model)].join(', or ')}.`;
  if (runs.length === 0) return said;
  const kernel = runs.map(({ stopped, dump: { exists } }) =>
    stopped === null ? dump(exists) : `it stops: ${stopped}`,
  );
  const counted = `${totals.agrees} statements agree, ${totals.explained} are explained by limits of QEMU, ${totals.disagrees} disagree.`;
  return `${said} In the kernel ${[...new Set(kernel)].join(', or ')}. ${counted}`;
}

/** Each difference once, however many runs have it; files that were kept where something disagrees. */
function differences({ runs }: LabReport, lab: KernelLab, width: number): string {
  const all = runs.flatMap(({ cells }) => lab.disagreementsOf(cells));
  const lines = [...new Set(all.map((cell) => lab.cellSentence(cell)))];
  const files = runs
    .filter(({ cells }) => cells.some(({ standing }) => standing === 'disagrees'))
    .flatMap((run) => Object.values(run.files));
  return [
    lines.length === 0 ? '' : '\n',
    ...lines.map((line) => wrapText(line, width, '  ')),
    ...(files.length === 0 ? [] : ['\n', ...files.map((file) => `  ${file}\n`)]),
    '\n',
  ].join('');
}
