import { type LabPhase, labPhases } from '../account/account.ts';
import { disagreementsOf } from '../comparison/compare-accounts.ts';
import { reasonsText } from '../comparison/device-cells.ts';
import { cellSentence } from './cell-sentence.ts';
import type { DeviceRow, Tally } from './device-rows.ts';
import type { LabReport } from './lab-report.ts';

/** A report as Markdown: a row for each device that does anything, the model's figures before the kernel's. */
export function labMarkdown(report: LabReport): string {
  const phases = shownPhases(report);
  const { machine, strategy, kernelVersion, qemuVersion, runs, totals } = report;
  const options = Object.entries(strategy.options).map(([key, value]) => ` ${key}=${String(value)}`);
  const lines = [
    `### ${machine}, ${strategy.name}${options.join('')}, Linux ${kernelVersion}, ${report.variant.tables}`,
    '',
    runs.length === 0
      ? `Prediction of ${report.predicted.seeds} crashes of the model; no kernel was run.`
      : `${runs.length} ${runs.length === 1 ? 'run' : 'runs'} under QEMU ${qemuVersion}: ${totals.agrees} statements agree, ${totals.explained} are explained by limits of QEMU, ${totals.disagrees} disagree.`,
    '',
    row(['device', ...phases, 'device afterwards']),
    row(['---', ...phases.map(() => '---:'), '---']),
    ...report.devices
      .filter(isOfInterest)
      .map((device) =>
        row([
          device.device,
          ...phases.map((phase) => columnText(device, phase, runs.length > 0)),
          verdictText(device, runs.length > 0),
        ]),
      ),
    '',
  ];
  const differing = [...new Set(runs.flatMap(({ cells }) => disagreementsOf(cells).map(cellSentence)))];
  return [
    ...lines,
    ...differing.map((one) => `- ${escaped(one)}`),
    ...(differing.length > 0 ? [''] : []),
  ].join('\n');
}

/** Phases in which any device faulted on either side, and the one in which the kernel rebuilds its tables. */
export function shownPhases({ devices }: Pick<LabReport, 'devices'>): LabPhase[] {
  const faults = (tally: Tally | null | undefined): boolean => (tally?.most ?? 0) > 0;
  return labPhases.filter((phase) =>
    devices.some(({ phases }) => {
      const column = phases[phase];
      return faults(column?.predicted) || faults(column?.observed) || column?.standing === 'disagrees';
    }),
  );
}

/** A device that has a driver, or did something, or on which the two sides differ. */
export function isOfInterest(row: DeviceRow): boolean {
  const columns = Object.values(row.phases);
  return (
    [...row.predicted, ...row.observed].some((one) => one !== 'no-driver') ||
    row.standing === 'disagrees' ||
    columns.some(
      ({ predicted, observed, standing }) =>
        (predicted?.most ?? 0) > 0 || (observed?.most ?? 0) > 0 || standing === 'disagrees',
    )
  );
}

/** `118–225 (5 6)`; `·` for none, empty where nothing is known. */
export function tallyText(tally: Tally | null): string {
  if (tally === null) return '';
  if (tally.most === 0) return '·';
  const number = (value: number): string => value.toLocaleString('en-US');
  const counts =
    tally.least === tally.most ? number(tally.most) : `${number(tally.least)}–${number(tally.most)}`;
  return `${counts} (${reasonsText(tally.reasons)})`;
}

function columnText({ phases }: DeviceRow, phase: LabPhase, ran: boolean): string {
  const column = phases[phase];
  if (column === undefined) return '';
  const { predicted, observed, standing } = column;
  if (!ran) return tallyText(predicted);
  const mark = standing === 'disagrees' ? ' ✗' : standing === 'explained' ? ' ~' : '';
  return `${tallyText(predicted)} / ${tallyText(observed)}${mark}`;
}

function verdictText({ predicted, observed, standing }: DeviceRow, ran: boolean): string {
  if (!ran) return predicted.join(' or ');
  const same = predicted.length === 1 && observed.length === 1 && predicted[0] === observed[0];
  const text = same ? (predicted[0] as string) : `${predicted.join(' or ')} / ${observed.join(' or ')}`;
  return standing === 'disagrees' ? `${text} ✗` : text;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(escaped).join(' | ')} |`;
}

function escaped(text: string): string {
  return text.replace(/[\\|]/g, '\\$&').replace(/\s+/g, ' ');
}
