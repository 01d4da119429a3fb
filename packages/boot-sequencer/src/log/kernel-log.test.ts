import { preset, requesterName, segmentedName } from '@quiesce/machine';
import { Trace } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import { kernelProfiles } from '../profile/profiles.ts';
import { DriverLines } from './driver-lines.ts';
import { fillMessage, hex } from './fill-message.ts';
import { formatLogLine, KernelLog } from './kernel-log.ts';

describe('a console', () => {
  it('stamps each kernel with the time since its own boot; continuation lines have no stamp', () => {
    const clock = { now: 1_503_892_000 };
    const log = new KernelLog(clock, new Trace(16));
    log.print('first');
    clock.now = 4_000_000_000;
    log.beginSecondKernel();
    clock.now = 4_250_000_000;
    log.print('one\ntwo');
    expect(log.lines.map(formatLogLine)).toEqual(['[    1.503892] first', '[    0.250000] one\ntwo']);
    expect(log.lines.map((line) => line.kernel)).toEqual([1, 2]);
  });
});

describe('wordings', () => {
  it('are filled where braces stand, and left alone elsewhere', () => {
    expect(fillMessage('{a} of {b}: {unknown} {a}', { a: 1, b: 'x' })).toBe('1 of x: {unknown} 1');
    expect(fillMessage('plain', {})).toBe('plain');
    expect(fillMessage('open {a', { a: 1 })).toBe('open {a');
    expect(hex(0xfed9_0000, 14)).toBe('000000fed90000');
  });

  it('leave no brace unfilled, whatever the kernel and the machine', () => {
    const idle = { name: 'idle', description: '', sources: [] };
    const strategy = { ...idle, create: () => idle };
    for (const kernel of kernelProfiles) {
      for (const name of ['q35-lab', 'server-2012', 'scalable-2026']) {
        const { log } = crash({ machine: preset(name), strategy, kernel: kernel.name, seed: 1 });
        for (const line of log) expect(line).not.toMatch(/[{}]|undefined|NaN/);
      }
    }
  });

  it('number devices driver by driver', () => {
    const lines = new DriverLines();
    expect(lines.cameUp('e1000e', '0000:01:00.0')).toBe('e1000e 0000:01:00.0 eth0: NIC Link is Up');
    expect(lines.cameUp('nvme', '0000:05:00.0')).toBe('nvme nvme0: pci function 0000:05:00.0');
    expect(lines.cameUp('e1000e', '0000:04:00.0')).toContain('eth1');
    expect(lines.cameUp('snd_hda_intel', '0000:06:00.0')).toBeUndefined();
  });
});

describe('names of requesters', () => {
  it('are bus, device and function, the segment only if it is not 0', () => {
    expect(requesterName(0x82a6)).toBe('82:14.6');
    expect(segmentedName(0, 0x0100)).toBe('01:00.0');
    expect(segmentedName(0x1_0000, 0xe030)).toBe('10000:e0:06.0');
  });
});
