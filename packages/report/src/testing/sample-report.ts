import type { ReportDocument } from '../document.ts';

/** A report with every kind of block, small enough to read. `hostile` stands in each string that a machine may bring. */
export function sampleReport(hostile = 'plain'): ReportDocument {
  const node = (id: string, kind: string) => ({
    id,
    label: `${id} ${hostile}`,
    kind,
    details: [hostile],
    children: [],
  });
  return {
    title: `Assessment of ${hostile}`,
    summary: `The dump would be lost: ${hostile}`,
    severity: 'critical',
    facts: [
      { name: 'kernel', value: '5.14.0-362.el9.x86_64' },
      { name: hostile, value: hostile },
    ],
    sections: [
      {
        title: `Advice for ${hostile}`,
        blocks: [
          { kind: 'text', text: `${hostile}\n\n${hostile}` },
          {
            kind: 'findings',
            findings: [
              {
                severity: 'critical',
                title: `Copy the tables: ${hostile}`,
                text: `It keeps what the device still uses. ${hostile}`,
                facts: [{ name: 'To confirm', value: hostile }],
                evidence: [{ source: 'VT-d 10.4.14', text: hostile }, { source: hostile }],
                commands: [`grubby --args='${hostile}'`],
              },
              {
                severity: 'good',
                title: hostile,
                evidence: [1, 2, 3, 4, 5].map((n) => ({ source: `line ${n}` })),
              },
            ],
          },
        ],
      },
      {
        title: 'Topology',
        blocks: [
          {
            kind: 'topology',
            roots: [
              {
                id: 'pci0000:00',
                label: `pci0000:00 ${hostile}`,
                kind: 'root complex',
                marks: [],
                details: [],
                children: [
                  {
                    ...node('0000:00:1c.0', 'root port'),
                    unit: hostile,
                    marks: [hostile],
                    children: [
                      {
                        ...node('0000:04:00.0', 'NVMe'),
                        severity: 'critical',
                        unit: 'dmar0',
                        marks: ['dump target'],
                      },
                      { ...node('0000:04:00.1', hostile), severity: 'good', unit: 'dmar0', marks: [] },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
      {
        title: 'A simulated crash',
        blocks: [
          {
            kind: 'timeline',
            lanes: [
              {
                name: 'kernel',
                spans: [
                  { startMs: 0, endMs: 1012, label: 'purgatory' },
                  { startMs: 1012, endMs: 1100, label: 'setup_arch' },
                  { startMs: 1100, endMs: 8120, label: hostile, severity: 'warning' },
                ],
                marks: [],
              },
              {
                name: hostile,
                spans: [],
                marks: [
                  { atMs: 1901.25, label: hostile, details: hostile, severity: 'critical', count: 1321 },
                ],
              },
            ],
          },
        ],
      },
      {
        title: 'Strategies',
        blocks: [
          {
            kind: 'table',
            columns: [
              { name: 'strategy' },
              { name: 'dump' },
              { name: 'DMA faults', align: 'right', rank: 2 },
              { name: hostile, rank: 1 },
            ],
            rows: [
              ['leave it', { text: 'lost 58/64', severity: 'critical' }, '1321', hostile],
              ['copy the tables', { text: hostile, severity: 'good' }, '0', ''],
            ],
          },
          { kind: 'table', columns: [{ name: hostile }], rows: [], empty: hostile },
          { kind: 'list', items: [hostile, `${hostile} once more`] },
          { kind: 'commands', commands: [`quiesce assess '${hostile}'`] },
          { kind: 'facts', facts: [{ name: 'crashes', value: hostile }] },
        ],
      },
      {
        title: 'Log',
        detail: true,
        blocks: [{ kind: 'lines', lines: [{ number: 812, text: hostile }, { text: hostile }] }],
      },
    ],
    footer: `quiesce 1.2.0 of ${hostile}`,
  };
}
