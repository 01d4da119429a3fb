import type { Diagnosis, LoggedKernel } from '@quiesce/diagnose';
import type { ReportBlock, ReportSection } from '@quiesce/report';
import { lineWords, phaseWords } from './fault-words.ts';
import { kernelTimeline } from './kernel-timeline.ts';

const MOST_KERNELS = 40;
const MOST_TOLD = 8;

const roles: Readonly<Record<LoggedKernel['role'], string>> = {
  first: 'first: before the crash',
  crash: 'crash kernel',
  rebooted: 'after the reboot',
  only: 'the only one',
};

const tables: Readonly<Record<LoggedKernel['dmaTables'], string>> = {
  copied: 'copied',
  'copy-failed': 'copy failed',
  rebuilt: 'rebuilt',
  fresh: 'fresh',
  unknown: 'not said',
};

/** Which kernels the log has, what each did with the tables, and what happened when. */
export function kernelSections(diagnosis: Diagnosis): ReportSection[] {
  if (diagnosis.kernels.length === 0) return [];
  const told = toldKernels(diagnosis);
  const blocks: ReportBlock[] = [
    {
      kind: 'table',
      columns: [
        { name: 'kernel', align: 'right' },
        { name: 'release' },
        { name: 'role' },
        { name: 'because', rank: 1 },
        { name: 'DMA tables' },
        { name: 'interrupt table' },
        { name: 'lines', align: 'right' },
      ],
      rows: diagnosis.kernels
        .slice(0, MOST_KERNELS)
        .map((kernel) => [
          `${kernel.index + 1}`,
          kernel.version ?? kernel.release ?? 'not said',
          roles[kernel.role],
          kernel.roleReason,
          tables[kernel.dmaTables],
          tables[kernel.interruptTables],
          lineWords(kernel.firstLine, kernel.lastLine),
        ]),
    },
    ...(diagnosis.kernels.length > MOST_KERNELS
      ? [
          {
            kind: 'text' as const,
            text: `${diagnosis.kernels.length - MOST_KERNELS} further kernels: -f json has them.`,
          },
        ]
      : []),
    ...told.flatMap((kernel) => kernelTimeline(diagnosis, kernel)),
  ];
  // A few lines of one kernel that say nothing of it are no section of their own.
  const says = diagnosis.kernels.some(
    ({ release, role, dmaTables, interruptTables }) =>
      release !== undefined || role !== 'only' || dmaTables !== 'unknown' || interruptTables !== 'unknown',
  );
  const detail = says ? {} : { detail: true };
  return [{ title: 'Kernels', ...detail, blocks }, ...inventorySections(told)];
}

/** Of many kernels, those that faulted or came after a crash are told in full, the others are in the table. */
function toldKernels({ kernels, faults }: Diagnosis): readonly LoggedKernel[] {
  if (kernels.length <= MOST_TOLD) return kernels;
  const faulted = new Set(faults.groups.map((group) => group.kernel));
  return kernels.filter(({ index, role }) => faulted.has(index) || role === 'crash').slice(0, MOST_TOLD);
}

function inventorySections(kernels: readonly LoggedKernel[]): ReportSection[] {
  return kernels.flatMap((kernel) => {
    const { units, reservedRegions, ioApics, lines } = kernel.inventory;
    const rows = [
      ...units.map((unit) => [
        unit.name,
        [
          ...(unit.registerBase === undefined ? [] : [`registers at 0x${unit.registerBase}`]),
          ...(unit.capability === undefined ? [] : [`CAP ${unit.capability}`]),
          ...(unit.extendedCapability === undefined ? [] : [`ECAP ${unit.extendedCapability}`]),
        ].join(', '),
        `${unit.line}`,
      ]),
      ...reservedRegions.map((one) => [
        'reserved region (RMRR)',
        `0x${one.base}–0x${one.end}`,
        `${one.line}`,
      ]),
      ...ioApics.map((one) => [
        'I/O APIC',
        `id ${one.id}${one.unit === undefined ? '' : ` at ${one.unit}`}`,
        `${one.line}`,
      ]),
      ...lines.map((one) => ['', one.text, `${one.line}`]),
    ];
    const known = kernel.phases.filter(({ phase }) => phase !== 'unknown');
    const phases = known.map(({ phase, firstLine }) => `${phaseWords(phase)} from line ${firstLine}`);
    if (rows.length === 0 && phases.length === 0) return [];
    return [
      {
        title: `Kernel ${kernel.index + 1}: remapping hardware and phases`,
        detail: true,
        blocks: [
          ...(kernel.commandLine === undefined
            ? []
            : [{ kind: 'facts' as const, facts: [{ name: 'command line', value: kernel.commandLine }] }]),
          {
            kind: 'text' as const,
            text: phases.length === 0 ? 'No phase is marked.' : `${phases.join(', ')}.`,
          },
          {
            kind: 'table' as const,
            columns: [{ name: 'what' }, { name: 'says' }, { name: 'line', align: 'right' as const }],
            rows,
            empty: 'The kernel lists no remapping hardware.',
          },
        ],
      },
    ];
  });
}
