import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';

/** Lines that have the words of a fault and are none, with a word of the note that says why. */
const inventions: readonly (readonly [string, string])[] = [
  // Impossible fields.
  [
    'DMAR: [DMA Read] Request device [04:20.0] fault addr 1000 [fault reason 06] PTE Read access is not set',
    'device 20',
  ],
  [
    'DMAR: [DMA Read] Request device [04:00.8] fault addr 1000 [fault reason 06] PTE Read access is not set',
    'function 8',
  ],
  [
    'DMAR: [DMA Read] Request device [4g:00.0] fault addr 1000 [fault reason 06] PTE Read access is not set',
    '4g:00.0',
  ],
  [
    'DMAR: [DMA Read] Request device [04:00.0] fault addr 1234 [fault reason 06] PTE Read access is not set',
    'page',
  ],
  [
    'DMAR: [DMA Read PASID 0x1ffffff] Request device [04:00.0] fault addr 0x1000 [fault reason 0x51] SM: x',
    'PASID',
  ],
  ['DMAR: [INTR-REMAP] Request device [04:00.0] fault index 12345 [fault reason 37] Blocked', '16 bits'],
  ['DMAR: [DMA Read] Request device [0000:04:00.0] fault addr 1000 [fault reason 06] PTE Read', 'segment'],
  // Numbers and texts that belong to different reasons.
  [
    'DMAR: [DMA Read] Request device [04:00.0] fault addr 1000 [fault reason 06] PTE Write access is not set',
    '0x05',
  ],
  [
    'DMAR: [DMA Read] Request device [04:00.0] fault addr 1000 [fault reason 99] The device was naughty',
    'no kernel',
  ],
  [
    'DMAR: [DMA Read] Request device [04:00.0] fault addr 1000 [fault reason 34] Present field in the IRTE entry is clear',
    'interrupts',
  ],
  [
    'DMAR: [INTR-REMAP] Request device [04:00.0] fault index 1 [fault reason 06] PTE Read access is not set',
    'DMA',
  ],
  ['DMAR: [INTR-REMAP] Request device [04:00.0] fault addr 1000 [fault reason 37] Blocked', 'no addr'],
  // Source code, patches, comments, prose.
  ['\t\tpr_err("DMAR: [DMA %s] Request device [%02x:%02x.%d] fault addr %llx"', 'source code'],
  [
    '+DMAR: [DMA Read] Request device [04:00.0] fault addr 1000 [fault reason 06] PTE Read access is not set',
    'patch',
  ],
  ['-  pr_err("%s[fault reason %02d] %s\\n", x', 'source code'],
  [
    '# DMAR: [DMA Read] Request device [04:00.0] fault addr 1000 [fault reason 06] PTE Read access',
    'comment',
  ],
  ['Subject: DMAR: [DMA Read] Request device [04:00.0] fault addr 1000 [fault reason 06]', 'subject'],
  ['We see "DMAR: [DMA Read] Request device [04:00.0] fault addr 1000" on many machines', 'not where'],
  ['dmesg | grep "fault reason"', 'searched'],
  ['If you see `AMD-Vi: Event logged [IO_PAGE_FAULT]`, fear', 'not where'],
  ['`AMD-Vi: Event logged [IO_PAGE_FAULT]` is bad', 'quoted'],
  // Damage that leaves too little.
  ['DMAR: [DMA Read] Request deice [04:00.0] fault addr 1000 [fault reason 06] PTE Read', 'cannot be read'],
  ['AMD-Vi: Event logged [IO_PAGE_FAULT device=04:20.0 domain=0x0 address=0x1000 flags=0x0]', 'device 20'],
];

it.each(inventions)('takes for no fault: %s', (line, why) => {
  for (const text of [line, `${line}\nusb 1-1: reset\n`]) {
    const diagnosis = diagnoseText(text, { file: 'log' });
    expect(diagnosis.faults.first).toEqual([]);
    expect(diagnosis.notes).toEqual([{ line: 1, message: expect.stringContaining(why) }]);
  }
});

it('reads what other clocks put before a message, but no sentence', () => {
  const fault =
    'DMAR: [DMA Read] Request device [04:00.0] fault addr 1000 [fault reason 06] PTE Read access is not set';
  const found = (line: string) => diagnoseText(line, { file: 'log' }).faults.dma;
  expect(found(`node7|2026-05-22 09:34:59.1|ttyS0> ${fault}`)).toBe(1);
  expect(found(`<2026/05/22 09:34:59> [console] ${fault}`)).toBe(1);
  expect(found(`At 09:34:59 I saw ${fault}`)).toBe(0);
});
