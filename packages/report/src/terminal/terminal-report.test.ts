import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../testing/hostile-text.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { textWidth } from '../text/text-width.ts';
import { terminalReport } from './terminal-report.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
const colours = /\u001b\[(?:1|2|22|31|32|33|36|39)m/g;

describe('a report on a terminal', () => {
  it('tells everything that most readers want', () => {
    const text = terminalReport(sampleReport(), { width: 80 });
    expect(text).toMatch(/^✖ CRITICAL: The dump would be lost/m);
    expect(text).toMatch(/^ {2}CRITICAL {2}Copy the tables/m);
    expect(text).toMatch(/^ {12}To confirm: plain$/m);
    expect(text).toMatch(/^ {12}- VT-d 10\.4\.14: plain$/m);
    expect(text).toMatch(/^ {16}grubby --args='plain'$/m);
    expect(text).toMatch(/^ {2}│? *└─ 0000:00:1c\.0 plain \(root port\) \[plain\]$/m);
    expect(text).toMatch(/^ {5}├─ ✖ 0000:04:00\.0 plain \(NVMe\) \[dump target\]$/m);
    expect(text).toMatch(/^ +1,901 +✖ plain: plain: plain \(1,321 times\)$/m);
    expect(text).toMatch(/^ {2}leave it +✖ lost 58\/64 +1321 {2}plain$/m);
    expect(text).toContain('Not shown: Log.');
    expect(terminalReport(sampleReport(), { details: true })).toMatch(/^ {5}812 {2}plain$/m);
  });

  it('drops columns of the lowest rank where there is no room, and says so', () => {
    const report = sampleReport('words that need room in their column');
    const narrow = terminalReport(report, { width: 60 });
    expect(narrow).toMatch(/Not shown for want of room: words that need room in their\s+column\./);
    expect(narrow).toMatch(/ 1321$/m);
    expect(terminalReport(report, { width: 120 })).not.toContain('want of room');
  });

  it('keeps the sign of a cell beside its text, and the further lines of it below that', () => {
    const rows = [
      ['strategy-with-a-long-name', { text: 'loses the dump in all', severity: 'critical' as const }],
    ];
    const table = { kind: 'table' as const, columns: [{ name: 'strategy' }, { name: 'verdict' }], rows };
    const report = { ...sampleReport(), sections: [{ title: 'Strategies', blocks: [table] }] };
    const text = terminalReport(report, { width: 46 });
    expect(text).toContain(
      '  strategy-with-a-long-name  ✖ loses the dump\n                               in all\n',
    );
  });

  it('is plain text without colours, and the same text with them', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 40, max: 160 }), (hostile, width) => {
        const report = sampleReport(hostile);
        const plain = terminalReport(report, { width, details: true });
        expect(plain.replace(/\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        const coloured = terminalReport(report, { width, details: true, colour: true });
        expect(coloured.replace(colours, '')).toBe(plain);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps to its width', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 60, max: 160 }), (hostile, width) => {
        const report = sampleReport(hostile);
        const sections = report.sections.slice(1, 3);
        const text = terminalReport({ ...report, sections }, { width });
        for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 100 },
    );
  });
});
