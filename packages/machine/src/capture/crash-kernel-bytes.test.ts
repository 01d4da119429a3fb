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

  it('stands in the memory map in its size where nothing says where', () => {
    const config = new Uint8Array(64);
    config.set([0x86, 0x80, 0x42]);
    const host = { path: 'sys/bus/pci/devices/0000:00:00.0/config', content: config };
    const mapOf = (...files: CapturedFile[]) => {
      const { machine } = imported(host, ...files);
      const region = machine?.memoryMap.find(({ owner }) => owner === 'crash-kernel');
      const why = machine?.inferred.find(({ value }) => value.startsWith('crash kernel'))?.reason;
      return [region === undefined ? undefined : (region.end - region.start) / 0x10_0000, why];
    };
    expect(mapOf(size(0x0800_0000))).toEqual([128, '128 MiB are reserved, nothing says where']);
    expect(mapOf(size(0))).toEqual([256, 'the first kernel had none reserved: 256 MiB are assumed']);
    expect(mapOf()).toEqual([
      256,
      'nothing says whether the first kernel had one reserved: 256 MiB are assumed',
    ]);
  });
});
