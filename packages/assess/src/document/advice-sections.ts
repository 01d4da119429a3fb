import type { Finding, ReportBlock, ReportSection } from '@quiesce/report';
import { describeDumps, describeGain } from '../advice/describe-gain.ts';
import type { Advice, Assessment } from '../result/assessment.ts';
import { dumpPathFinding } from './dump-path-section.ts';
import { platformWords } from './platform-words.ts';

/** Advice that a report shows at first sight. */
const FIRST_ADVICE = 5;

/** What to do, what stays at risk, and what was tried in vain. */
export function adviceSections(assessment: Assessment): ReportSection[] {
  const { advice, atRisk, worse, commandLine, platform, together } = assessment;
  const dumpPath = dumpPathFinding(assessment);
  const [first, more] = [advice.slice(0, FIRST_ADVICE), advice.slice(FIRST_ADVICE)];
  const lint = commandLine.findings.filter(({ severity }) => severity !== 'good');
  return [
    {
      title: 'This machine',
      blocks: [
        {
          kind: 'findings',
          findings: [platformFindingOf(platform), ...(dumpPath === undefined ? [] : [dumpPath])],
        },
      ],
    },
    {
      title: 'Advice, in order of gain',
      blocks: [
        first.length === 0
          ? {
              kind: 'text',
              text: 'Nothing that was tried does clearly better than what the machine does now.',
            }
          : { kind: 'findings', findings: first.map(findingOf) },
        ...(together === null ? [] : [togetherBlock(together)]),
      ],
    },
    ...(more.length === 0
      ? []
      : [
          {
            title: 'More advice',
            blocks: [{ kind: 'findings' as const, findings: more.map(findingOf) }],
            detail: true,
          },
        ]),
    ...(lint.length === 0
      ? []
      : [
          {
            title: 'Command line of the crash kernel',
            blocks: [{ kind: 'findings' as const, findings: lint }],
          },
        ]),
    ...(atRisk.length === 0
      ? []
      : [{ title: 'What stays at risk', blocks: [{ kind: 'findings' as const, findings: atRisk }] }]),
    ...(worse.length === 0
      ? []
      : [
          {
            title: 'What was tried and is worse',
            detail: true,
            blocks: [
              {
                kind: 'table' as const,
                columns: [{ name: 'Change' }, { name: 'In simulated crashes' }],
                rows: worse.map(({ title, gain }) => [title, describeGain(gain)]),
              },
            ],
          },
        ]),
  ];
}

function togetherBlock({ titles, tally, gain }: NonNullable<Assessment['together']>): ReportBlock {
  return {
    kind: 'findings',
    findings: [
      {
        severity: tally.trueDumps.times === tally.trueDumps.of ? 'good' : 'note',
        title: `Together: ${titles.join('; ')}`,
        evidence: [{ source: 'simulated', text: `${describeDumps(tally)}; ${describeGain(gain)}` }],
      },
    ],
  };
}

function platformFindingOf({ kind, severity, text, evidence }: Assessment['platform']): Finding {
  return { severity, title: `DMA remapping: ${platformWords[kind]}`, text, evidence };
}

function findingOf({ severity, title, text, costs, commands, evidence, measured }: Advice): Finding {
  const said = [
    text === '' || text.endsWith('.') ? text : `${text}.`,
    ...(costs === undefined ? [] : [`But: ${costs}`]),
  ];
  if (measured === undefined) said.push('Not simulated: it follows from the rule below.');
  return {
    severity,
    title,
    text: said.join(' '),
    evidence,
    ...(commands.length === 0 ? {} : { commands }),
  };
}
