import type { Diagnosis } from '@quiesce/diagnose';
import type { ImportedCapture } from '@quiesce/machine';
import type { Fact, ReportDocument, ReportSection, Severity } from '@quiesce/report';
import { countOf, shortBytes } from '../quantity.ts';
import { captureDoubts } from './capture-match.ts';
import { causeSections } from './cause-findings.ts';
import { isCrashKernelInTrouble } from './crash-kernel-trouble.ts';
import { eventSections } from './event-sections.ts';
import { faultSections } from './fault-sections.ts';
import { faultingTopology } from './faulting-topology.ts';
import { kernelSections } from './kernel-sections.ts';

/** What a report of a diagnosis is made of besides the diagnosis. */
export interface DiagnosisReportOptions {
  /** Titles of the cases of the public record, by id. */
  readonly titles: ReadonlyMap<string, string>;
  /** The machine that requesters were tied to. */
  readonly capture?: ImportedCapture;
  /** Where the capture was read from: for commands to go on with. */
  readonly capturePaths?: readonly string[];
  /** `1.2.0` */
  readonly version: string;
}

/** A diagnosis as a report: the answer first, then causes, kernels, faults and events, details last. */
export function diagnosisReport(diagnosis: Diagnosis, options: DiagnosisReportOptions): ReportDocument {
  return {
    title: `Diagnosis of ${diagnosis.file}`,
    summary: summaryOf(diagnosis),
    severity: severityOf(diagnosis),
    facts: factsOf(diagnosis, options.capture),
    sections: [
      ...causeSections(diagnosis, options.titles, nextCommands(options)),
      ...faultSections(diagnosis, options.capture),
      ...faultingTopology(diagnosis, options.capture),
      ...kernelSections(diagnosis),
      ...eventSections(diagnosis),
      ...captureSections(options.capture),
    ],
    footer: `quiesce ${options.version}: quiesce diagnose ${diagnosis.file}. A fit says how well the log matches, from 0 to 1; it is no probability.`,
  };
}

/** What can be simulated on the captured machine itself. */
function nextCommands({ capture, capturePaths = [] }: DiagnosisReportOptions): string[] {
  if (capture?.machine === undefined || capturePaths.length === 0) return [];
  const quoted = capturePaths.map((one) =>
    /^[\w./:@%+,-]+$/.test(one) ? one : `'${one.replaceAll("'", "'\\''")}'`,
  );
  return [`npx quiesce assess ${quoted.join(' ')}`];
}

function summaryOf(diagnosis: Diagnosis): string {
  const [best] = diagnosis.causes;
  if (diagnosis.verdict === 'no-kernel-log')
    return `${diagnosis.summary} Expected is what dmesg, journalctl -k, syslog or a serial console have of a kernel.`;
  if (best === undefined || diagnosis.verdict === 'none') return diagnosis.summary;
  const crash = diagnosis.kernels.some((kernel) => kernel.role === 'crash');
  const scope = crash ? '' : ' No crash kernel is in this log: it does not show leftover DMA of a dead one.';
  const title = startsOrdinarily.test(best.title)
    ? best.title.charAt(0).toLowerCase() + best.title.slice(1)
    : best.title;
  return `${diagnosis.summary}${scope} Most likely: ${title} (fit ${best.fit.toFixed(2)}).`;
}

/** Words that begin with a small letter in the middle of a sentence; names and numbers do not. */
const startsOrdinarily =
  /^(?:A|An|The|One|Tables|Translation|Interrupts|Firmware|Integrated|This|After|Devices)\b/;

function severityOf(diagnosis: Diagnosis): Severity {
  if (diagnosis.verdict === 'none') return 'good';
  if (diagnosis.verdict === 'no-kernel-log') return 'note';
  return isCrashKernelInTrouble(diagnosis) ? 'critical' : 'warning';
}

function factsOf(diagnosis: Diagnosis, capture: ImportedCapture | undefined): Fact[] {
  const { dma, interrupt, suppressed } = diagnosis.faults;
  const faults = [
    countOf(dma, 'DMA fault'),
    countOf(interrupt, 'interrupt fault'),
    ...(suppressed > 0 ? [`at least ${suppressed} more not printed`] : []),
  ];
  return [
    { name: 'log', value: `${countOf(diagnosis.lines, 'line')}, ${shortBytes(diagnosis.bytes)}` },
    { name: 'faults', value: faults.join(', ') },
    ...(capture === undefined ? [] : [{ name: 'machine', value: machineWords(diagnosis, capture) }]),
  ];
}

function machineWords(diagnosis: Diagnosis, { machine }: ImportedCapture): string {
  if (machine === undefined) return 'the capture has no PCI function';
  const functions = countOf(machine.functions.length, 'function');
  const units = countOf(machine.units.length, 'remapping unit');
  const doubts = captureDoubts(diagnosis, machine);
  const doubt = doubts.length === 0 ? '' : `. Is it the machine of the log? ${doubts.join('; ')}`;
  return `${machine.name}: ${functions}, ${units}${doubt}`;
}

function captureSections(capture: ImportedCapture | undefined): ReportSection[] {
  if (capture === undefined) return [];
  return [
    {
      title: 'The capture',
      detail: true,
      blocks: [
        {
          kind: 'table',
          columns: [{ name: 'file' }, { name: 'taken for' }, { name: 'gave' }],
          rows: capture.sources.slice(0, 60).map((one) => [one.file, one.kind, one.gave]),
        },
        ...(capture.notes.length === 0
          ? []
          : [
              {
                kind: 'table' as const,
                columns: [{ name: 'file' }, { name: 'line', align: 'right' as const }, { name: 'note' }],
                rows: capture.notes
                  .slice(0, 60)
                  .map((one) => [one.file, one.line === undefined ? '' : `${one.line}`, one.message]),
              },
            ]),
      ],
    },
  ];
}
