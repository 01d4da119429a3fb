import { preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';

const names = { name: 'idle', description: 'does nothing', sources: [] };
const idle = { ...names, create: () => names };

function linesOf(machine: string, kernel: string, which: 1 | 2): string[] {
  const { world } = crash({ machine: preset(machine), strategy: idle, kernel, seed: 1 });
  return world.log.lines.filter((line) => line.kernel === which).map((line) => line.text);
}

/** As logs of those kernels show these lines; what is filled in is what server-2012 has. */
const eras: readonly [kernel: string, lines: readonly string[], never: RegExp][] = [
  [
    'linux-3.0',
    [
      'Intel-IOMMU: enabled',
      'DMAR: DRHD base: 0x000000fbffe000 flags: 0x0',
      'IOMMU 1: reg_base_addr dfffc000 ver 1:0 cap d2078c106f0462 ecap f020fe',
      'DMAR: RMRR base: 0x000000bf7e0000 end: 0x000000bf7effff',
      'pci 0000:01:00.0: [102b:0522] type 0 class 0x000300',
      'pci 0000:00:01.0: PCI bridge to [bus 01-01]',
      'IOMMU 0 0xfbffe000: using Queued invalidation',
      'PCI-DMA: Intel(R) Virtualization Technology for Directed I/O',
    ],
    /^dmar:|DMAR-IR|SATC|Run \/init|Kernel panic/,
  ],
  [
    'linux-3.10',
    [
      'dmar: Host address width 46',
      'dmar: IOMMU 0: reg_base_addr fbffe000 ver 1:0 cap d2078c106f0462 ecap f020fe',
      'IOAPIC id 1 under DRHD base  0xfbffe000 IOMMU 0',
      'Enabled IRQ remapping in xapic mode',
      'pci 0000:01:00.0: [102b:0522] type 00 class 0x030000',
      'pci 0000:00:01.0: PCI bridge to [bus 01]',
      'PCI host bridge to bus 0000:80',
      'IOMMU: Setting identity map for device 0000:08:00.0 [0xbf7e0000 - 0xbf7effff]',
    ],
    /^DMAR: DRHD|DMAR-IR|SATC|kdump mode/,
  ],
  [
    'linux-4.2',
    [
      'DMAR: IOMMU enabled',
      'DMAR: dmar0: reg_base_addr fbffe000 ver 1:0 cap d2078c106f0462 ecap f020fe',
      'DMAR-IR: IOAPIC id 1 under DRHD base  0xfbffe000 IOMMU 0',
      'DMAR-IR: HPET id 0 under DRHD base 0xdfffc000',
      'DMAR: dmar1: Using Queued invalidation',
      'DMAR: Intel(R) Virtualization Technology for Directed I/O',
    ],
    /^dmar:|Intel-IOMMU|SATC|No RMRR/,
  ],
];

describe('what the first kernel of each era prints', () => {
  it.each(eras)('%s', (kernel, lines, never) => {
    const printed = linesOf('server-2012', kernel, 1);
    const places = lines.map((line) => printed.indexOf(line));
    expect(places, lines.filter((_line, index) => places[index] === -1).join('\n')).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const line of printed) expect(line).not.toMatch(never);
  });

  it('xen-2011: a hypervisor says little, and its guest crashes', () => {
    const printed = linesOf('q35-lab', 'xen-2011', 1);
    expect(printed[0]).toBe('(XEN) Xen version 4.1.1');
    expect(printed).toContain('(XEN) PCI add device 01:00.0');
    expect(printed).toContain('(XEN) I/O virtualisation enabled');
    expect(printed.join('\n')).not.toMatch(/DMAR|dmar|IOMMU/);
  });
});

describe('what the second kernel says of how it ended', () => {
  it('command line first, dump and restart last', () => {
    const printed = linesOf('q35-lab', 'linux-6', 2);
    expect(printed[1]).toBe('Command line: reset_devices');
    expect(printed).toContain('Run /init as init process');
    expect(printed.slice(-3)).toEqual([
      'kdump: saving vmcore',
      'kdump: saving vmcore complete',
      'reboot: Restarting system',
    ]);
  });

  it('bridges that lost everything are renumbered, and their windows assigned', () => {
    const { log } = crash({
      machine: preset('q35-lab'),
      strategy: {
        ...names,
        create: () => ({
          ...names,
          setupArch(ctx) {
            const control = ctx.type1.read16(0, 2, 0, 0x3e);
            ctx.type1.write16(0, 2, 0, 0x3e, control | 0x40);
            ctx.delay(2);
            ctx.type1.write16(0, 2, 0, 0x3e, control);
            ctx.delay(500);
          },
        }),
      },
      kernel: 'linux-6-no-copy',
      seed: 1,
    });
    const text = log.join('\n');
    expect(text).toContain('pci 0000:02:00.0: bridge configuration invalid ([bus 00-00]), reconfiguring');
    expect(text).toMatch(/pci 0000:02:00\.0: BAR 14: assigned \[mem 0x[0-9a-f]{8}-0x[0-9a-f]{8}\]/);
    expect(text).toMatch(/pci 0000:05:00\.0: BAR 0: assigned \[mem 0x[0-9a-f]{8}-0x[0-9a-f]{8} 64bit\]/);
    expect(text).toContain('nvme nvme0: pci function 0000:05:00.0');
  });

  it('fault lines are limited from Linux 4.6 on, and flood before', () => {
    const faults = (kernel: string): number =>
      linesOf('q35-lab', kernel, 2).filter((line) => line.includes('Request device')).length;
    expect(faults('linux-6-no-copy')).toBe(10);
    expect(faults('linux-3.10')).toBeGreaterThan(10);
  });
});
