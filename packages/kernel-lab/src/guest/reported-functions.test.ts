import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportedFunctions } from './reported-functions.ts';

it('reads IDs, class and the memory address of BAR 0', () => {
  const lspci = `01:00.0 Class 0200: Device 8086:10d3
00: 86 80 d3 10 07 05 10 00 00 00 00 02 00 00 00 00
10: 00 00 e4 fd 00 00 e6 fd 01 d0 00 00 00 00 e8 fd

0000:05:00.0 NVMe
00: 36 1b 10 00 07 05 10 00 02 02 08 01 00 00 00 00
10: 04 00 80 fd 01 00 00 00 00 00 00 00 00 00 00 00

00:1d.0 USB
00: 86 80 34 29 07 01 10 00 03 00 03 0c 00 00 00 00
10: 01 e0 00 00 00 00 00 00 00 00 00 00 00 00 00 00
`;
  expect(reportedFunctions(lspci)).toEqual([
    { name: '0000:01:00.0', id: 0x10d3_8086, classCode: 0x02_0000, bar0: 0xfde4_0000 },
    { name: '0000:05:00.0', id: 0x0010_1b36, classCode: 0x01_0802, bar0: 0x1_fd80_0000 },
    { name: '0000:00:1d.0', id: 0x2934_8086, classCode: 0x0c_0300, bar0: 0 },
  ]);
  expect(reportedFunctions('no functions\n\nat all')).toEqual([]);
});

const shared = join(import.meta.dirname, '../../../../../shared/ground-truth/lspci-nnvvv-xxxx.txt');

describe.skipIf(!existsSync(shared))('a real guest (skipped where its capture is absent)', () => {
  it('has every function, six of them with interrupts to mask', () => {
    const found = reportedFunctions(readFileSync(shared, 'utf8'));
    expect(found).toHaveLength(19);
    const busy = found.filter(({ id, classCode }) => id === 0x10d3_8086 || classCode >>> 8 === 0x0403);
    expect(busy.map(({ bar0 }) => bar0 > 0)).toEqual([true, true, true, true, true, true]);
  });
});
