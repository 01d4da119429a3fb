import type { Fact, ReportDocument, ReportSection } from '@quiesce/report';
import type { Assessment } from '../result/assessment.ts';
import { adviceSections } from './advice-sections.ts';
import { withCaseTitles } from './case-titles.ts';
import { dumpTargetFact } from './dump-path-section.ts';
import { functionSections } from './function-sections.ts';
import { kernelSections } from './kernel-sections.ts';
import { platformWords } from './platform-words.ts';
import { simulationSections } from './simulation-sections.ts';
import { timelineSection } from './timeline-section.ts';
import { topologySection } from './topology-section.ts';

/** What a document is made with beside the assessment. */
export interface DocumentOptions {
  /** Titles of cases of the public record by id; others are shown by their ids. */
  readonly titles?: ReadonlyMap<string, string>;
  /** What made it, for the footer: `quiesce 1.2.0`. */
  readonly tool?: string;
}

/** An assessment as a report: the answer and the advice first, evidence function by function last. */
export function assessmentDocument(assessment: Assessment, options: DocumentOptions = {}): ReportDocument {
  const titles = options.titles ?? new Map<string, string>();
  const sections: (ReportSection | undefined)[] = [
    ...adviceSections(assessment),
    ...kernelSections(assessment),
    topologySection(assessment),
    ...simulationSections(assessment),
    timelineSection(assessment),
    ...functionSections(assessment),
    limitsSection(assessment),
  ];
  return {
    title: `Assessment of ${assessment.name}`,
    summary: assessment.summary,
    severity: assessment.severity,
    facts: factsOf(assessment),
    sections: withCaseTitles(
      sections.filter((section) => section !== undefined),
      titles,
    ),
    footer: `${options.tool ?? 'quiesce'}: ${assessment.name}, ${assessment.machine.functions} functions`,
  };
}

function factsOf(assessment: Assessment): Fact[] {
  const { machine, platform, kernel, workloads, seeds, commandLine } = assessment;
  const { units, translation } = machine;
  const remapping: Readonly<Record<typeof translation.state, string>> = {
    on: 'on',
    off: 'off',
    unknown: 'not known to be on; taken to be',
  };
  return [
    { name: 'Functions', value: `${machine.functions}, of which ${machine.masters} master the bus` },
    {
      name: 'DMA remapping',
      value:
        units.length === 0
          ? platformWords[platform.kind]
          : `${platformWords[platform.kind]}, ${units.length} unit${units.length === 1 ? '' : 's'}; ${remapping[translation.state]}`,
    },
    ...(kernel === null
      ? []
      : [
          {
            name: 'Kernel',
            value: `${kernel.release ?? 'not known'}; simulated as ${kernel.profile} (${kernel.match})`,
          },
        ]),
    ...(commandLine.text === null ? [] : [{ name: 'Crash kernel', value: commandLine.text }]),
    { name: 'Dump target', value: dumpTargetFact(assessment) },
    ...(workloads.length === 0
      ? []
      : [{ name: 'Simulated', value: `${workloads.length} workloads, ${seeds} crashes each` }]),
  ];
}

function limitsSection({ limits, conflicts, notes }: Assessment): ReportSection | undefined {
  const items = [
    ...limits,
    ...conflicts.map((text) => `Sources contradict each other: ${text}`),
    ...notes.slice(0, 200).map(({ file, line, offset, message }) => {
      const where = line === undefined ? '' : ` line ${line}`;
      return `${file}${where}${offset === undefined ? '' : ` offset 0x${offset.toString(16)}`}: ${message}`;
    }),
    ...(notes.length > 200 ? [`and ${notes.length - 200} notes more`] : []),
  ];
  if (items.length === 0) return undefined;
  return {
    title: 'What was assumed, and what the capture lacks',
    blocks: [{ kind: 'list', items }],
    detail: limits.length === 0,
  };
}
