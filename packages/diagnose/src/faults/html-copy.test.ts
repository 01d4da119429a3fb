import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';

const fault =
  'DMAR: [DMA Read] Request device [02:00.0] fault addr ffffc030b000 [fault reason 06] PTE Read access is not set';
const html = `<div dir="ltr"><div>We see:</div><div style="x">${fault}</div><div>&quot;fault addr&quot;</div></div>`;

it('reads a mail that has its text in HTML only', () => {
  const { faults, notes } = diagnoseText(html, { file: 'mail' });
  expect(faults.first).toMatchObject([{ line: 1, reason: 6, damage: ['html'] }]);
  expect(notes).toEqual([]);
});

it('counts a fault once that text and HTML of a mail have', () => {
  const { faults, notes } = diagnoseText(`${fault}\n\n${html}\n`, { file: 'mail' });
  expect(faults.dma).toBe(1);
  expect(notes).toEqual([
    { line: 3, message: expect.stringContaining('repeats a fault (fault reason 0x6)') },
  ]);
});

it('notes HTML with words of a fault that is none', () => {
  const { faults, notes } = diagnoseText('<p>What does &quot;fault addr&quot; mean?</p>', { file: 'mail' });
  expect(faults.dma).toBe(0);
  expect(notes).toMatchObject([{ line: 1 }]);
});
