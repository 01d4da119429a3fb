import { describe, expect, it } from 'vitest';
import type { CapturedFile } from './captured-file.ts';
import { importCapture } from './import-capture.ts';
import type { ImportedCapture } from './imported-capture.ts';

const imported = (...files: CapturedFile[]): ImportedCapture => importCapture(files, { name: 'x' });
const size = (bytes: number): CapturedFile => ({
  path: 'sys/kernel/kexec_crash_size',
  content: `${bytes}\n`,
});
const iomem = {
  path: 'proc/iomem',
  content: [
    '00100000-7fffffff : System RAM',
    '  60000000-6fffffff : Crash kernel',
    '100000000-87fffffff : System RAM',
    '  840000000-85fffffff : Crash kernel',
  ].join('\n'),
};

describe('memory of the crash kernel', () => {
  it('is all that /proc/iomem shows, of which /sys shows the large part', () => {
    const { host, conflicts } = imported(size(0x2000_0000), iomem);
    expect(host.crashKernelBytes).toEqual({ value: 0x3000_0000, file: 'proc/iomem', line: 2 });
    expect(conflicts).toEqual([]);
  });

  it('is what /sys says where /proc/iomem has no such part: a contradiction', () => {
    const { host, conflicts } = imported(size(0x1234_0000), iomem);
    expect(host.crashKernelBytes).toEqual({ value: 0x1234_0000, file: 'sys/kernel/kexec_crash_size' });
    expect(conflicts.map(({ what }) => what)).toEqual(['crashKernelBytes']);
  });

  it('is zero where nothing is kept', () => {
    expect(imported(size(0)).host.crashKernelBytes?.value).toBe(0);
    expect(
      imported({ path: 'proc/iomem', content: '00100000-7fffffff : System RAM' }).host.crashKernelBytes,
    ).toBeUndefined();
  });
});
