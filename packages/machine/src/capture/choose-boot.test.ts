import { describe, expect, it } from 'vitest';
import { importCapture } from './import-capture.ts';

const first = [
  '[    0.000000] Linux version 6.1.0-18-amd64 (b@h) (gcc) #1 SMP',
  '[    0.000000] Command line: root=/dev/sda1 ro crashkernel=256M intel_iommu=on',
  '[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000003fffffff] usable',
  '[    0.500000] pci 0000:00:00.0: [8086:29c0] type 00 class 0x060000',
  '[    0.500001] pci 0000:00:02.0: [8086:10d3] type 00 class 0x020000',
].join('\n');
const second = [
  '[    0.000000] Linux version 6.1.0-20-amd64 (b@h) (gcc) #1 SMP',
  '[    0.000000] Command line: root=/dev/sda1 ro irqpoll elfcorehdr=0x2e000000',
  '[    0.000000] BIOS-e820: [mem 0x000000002e000000-0x000000003dffffff] usable',
  '[    0.500000] pci 0000:00:00.0: [8086:29c0] type 00 class 0x060000',
].join('\n');

describe('of several boots', () => {
  it.each([
    [
      'in two files',
      [
        { path: 'second.log', content: second },
        { path: 'first.log', content: first },
      ],
    ],
    ['in one console', [{ path: 'console.log', content: `${first}\n[  100.0] Kernel panic\n${second}` }]],
  ])('the first kernel describes the machine, the crash kernel its own command line: %s', (_, files) => {
    const { machine, host } = importCapture(files, { name: 'x' });
    expect(machine?.functions).toHaveLength(2);
    expect(machine?.memoryMap.some(({ owner, end }) => owner === 'first-kernel' && end > 0x2000_0000)).toBe(
      true,
    );
    expect(host.kernelRelease?.value).toBe('6.1.0-18-amd64');
    expect(host.commandLine?.value).toMatch(/crashkernel=256M/);
    expect(host.crashCommandLine?.value).toBe('root=/dev/sda1 ro irqpoll elfcorehdr=0x2e000000');
  });

  it('a crash kernel alone says what it sees, and is not taken for the first', () => {
    const { machine, host } = importCapture([{ path: 'second.log', content: second }], { name: 'x' });
    expect(machine?.functions).toHaveLength(1);
    expect(host.commandLine).toBeUndefined();
    expect(host.crashCommandLine).toMatchObject({ file: 'second.log', line: 2 });
  });
});
