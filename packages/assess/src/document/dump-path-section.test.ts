import { htmlReport, terminalReport } from '@quiesce/report';
import { beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../assess.ts';
import type { Assessment } from '../result/assessment.ts';
import { below, madeUpHost, virtual } from '../testing/made-up-host.ts';
import { assessmentDocument } from './assessment-document.ts';
import { dumpPathFinding, dumpTargetFact } from './dump-path-section.ts';

const RAID = '0000:00:08.0';
const NVME = '0000:00:06.0';
const host = madeUpHost({
  'etc/kdump.conf': 'xfs LABEL=<label-1>\npath /dumps\n',
  'dev/disk/by-label/<label-1>': { link: '../../md0' },
  'sys/class/block/md0': virtual('block/md0'),
  'sys/class/block/md0/md/level': 'raid1\n',
  'sys/class/block/md0/slaves': 'nvme0n1\nsdb\n',
  'sys/class/block/nvme0n1': below(NVME, 'nvme/nvme0/nvme0n1'),
  'sys/class/block/sdb': below(RAID, 'host1/block/sdb'),
});

describe('a report', () => {
  let assessment: Assessment;
  beforeAll(async () => {
    assessment = await assess(host, { seeds: 1 });
  }, 60_000);

  it('says where the dump goes, through what, and how that is known', () => {
    expect(dumpTargetFact(assessment)).toBe(`xfs LABEL=<label-1> /dumps, through ${NVME} (NVMe) and 1 more`);
    expect(dumpPathFinding(assessment)).toEqual({
      severity: 'note',
      title: `The dump to xfs LABEL=<label-1> /dumps goes through ${NVME} (NVMe, nvme), ${RAID} (RAID, megaraid_sas)`,
      text: `In between: raid1, sd. The dump goes through 2 functions: ${NVME}, the first, is simulated as its target.`,
      evidence: [
        { source: 'etc/kdump.conf line 1', text: 'xfs LABEL=<label-1> /dumps' },
        { source: 'dev/disk/by-label/<label-1>', text: 'LABEL=<label-1> is md0' },
        { source: 'sys/class/block/md0/slaves line 1', text: 'md0 is made of (raid1) nvme0n1' },
        { source: 'sys/class/block/md0/slaves line 2', text: 'md0 is made of (raid1) sdb' },
        { source: 'sys/class/block/nvme0n1', text: `nvme0n1 hangs on ${NVME}` },
        { source: 'sys/class/block/sdb', text: `sdb hangs on ${RAID}` },
      ],
    });
    const { facts, sections } = assessmentDocument(assessment);
    expect(facts?.find(({ name }) => name === 'Dump target')?.value).toContain(NVME);
    expect(JSON.stringify(sections[0])).toContain('goes through');
  });

  it('names the others that the dump goes through in a list of functions', () => {
    expect(assessment.functions.find(({ name }) => name === RAID)?.role).toBe('the dump goes through it');
  });

  it('lets no control character of a configuration through to a terminal', () => {
    const dumpPath = {
      ...assessment.machine.dumpPath,
      destination: '/x\u001b[31m<script>',
      layers: ['\u001b]0;x'],
    } as never;
    const hostile = { ...assessment, machine: { ...assessment.machine, dumpPath } };
    const document = assessmentDocument(hostile);
    expect(terminalReport(document)).not.toContain('\u001b[31m');
    expect(terminalReport(document)).not.toContain('\u001b]0');
    expect(htmlReport(document)).not.toContain('<script>');
  });

  it('says so where nothing leads to a function, or the model has no engine for it', () => {
    const unknown = {
      ...assessment.machine.dumpPath,
      certainty: 'unknown',
      functions: [],
      steps: [],
      assumed: ['x'],
    } as never;
    const lost = { ...assessment, machine: { ...assessment.machine, dumpPath: unknown } };
    expect(dumpPathFinding(lost)).toMatchObject({
      severity: 'warning',
      text: expect.stringContaining('X. The first'),
    });
    expect(dumpTargetFact(lost)).toBe(`${NVME} (NVMe), the first disk controller`);
    const idle = { ...assessment, machine: { ...assessment.machine, dumpTarget: '0000:00:00.0' } };
    expect(dumpPathFinding(idle)?.text).toContain('The model has no engine for 0000:00:00.0');
    const silent = { ...assessment, machine: { ...assessment.machine, dumpPath: null } };
    expect(dumpPathFinding(silent)).toBeUndefined();
    expect(dumpTargetFact({ ...silent, machine: { ...silent.machine, dumpTarget: null } })).toBe('not known');
  });
});
