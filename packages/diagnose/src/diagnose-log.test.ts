import { expect, it } from 'vitest';
import { diagnoseLog, diagnoseText } from './diagnose-log.ts';
import type { LoggedFault } from './diagnosis.ts';

const line = (address: string) =>
  `DMAR: [DMA Read] Request device [04:00.0] fault addr ${address} [fault reason 06] PTE Read access is not set\n`;
const log = `${line('1000')}nothing\n${line('2000')}${line('ff000')}`;

it('says the same of a stream as of a whole', async () => {
  const whole = diagnoseText(log, { file: 'log' });
  async function* pieces() {
    for (let at = 0; at < log.length; at += 7) yield log.slice(at, at + 7);
  }
  expect(await diagnoseLog(pieces(), { file: 'log' })).toEqual(whole);
  expect(await diagnoseLog([new TextEncoder().encode(log)], { file: 'log' })).toEqual(whole);
  expect(whole).toMatchObject({ lines: 4, bytes: log.length, verdict: 'remapping-trouble' });
  expect(whole.faults.groups).toMatchObject([
    { count: 3, firstLine: 1, lastLine: 4, addresses: { lowest: '01000', highest: 'ff000' } },
  ]);
});

it('reads consoles that were saved in UTF-16', () => {
  const little = new Uint8Array([0xff, 0xfe, ...[...log].flatMap((letter) => [letter.charCodeAt(0), 0])]);
  const big = new Uint8Array([0xfe, 0xff, ...[...log].flatMap((letter) => [0, letter.charCodeAt(0)])]);
  for (const bytes of [little, big]) {
    expect(diagnoseText(bytes, { file: 'log' })).toMatchObject({
      faults: { dma: 3 },
      lines: 4,
      bytes: bytes.length,
    });
  }
});

it('tells faults and progress while it reads', async () => {
  const faults: LoggedFault[] = [];
  const progress: number[] = [];
  const filler = 'a line that does not matter\n'.repeat(50_000);
  const chunks = [log, filler, filler, line('3000')];
  await diagnoseLog(chunks, {
    file: 'log',
    onFault: (fault) => faults.push(fault),
    onProgress: ({ lines }) => progress.push(lines),
  });
  expect(faults.map((fault) => fault.line)).toEqual([1, 3, 4, 100_005]);
  expect(progress).toEqual([50_004, 100_004, 100_005]);
});

it('tells what is no log of a kernel', () => {
  for (const text of ['', '\n\n', 'Dear all,\nour DMAR table is odd.\n', '\u0000\u0001\u0002'.repeat(1000)]) {
    expect(diagnoseText(text, { file: 'log' })).toMatchObject({
      verdict: 'no-kernel-log',
      kernels: [],
      causes: [],
    });
  }
});

it('tells of trouble that is not of remapping', () => {
  const read = (text: string) => diagnoseText(`[    9.000000] ${text}\n`, { file: 'log' });
  expect(read('nvme nvme0: controller is down; will reset: CSTS=0xffffffff').verdict).toBe('other-trouble');
  expect(read('usb 1-1: new high-speed USB device').verdict).toBe('none');
  expect(read('DMAR: No RMRR found')).toMatchObject({
    verdict: 'none',
    summary: expect.stringContaining('VT-d'),
  });
  expect(read('DMAR: DRHD: handling fault status reg 2').verdict).toBe('remapping-trouble');
});
