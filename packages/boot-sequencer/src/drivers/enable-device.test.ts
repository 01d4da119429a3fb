import { preset } from '@quiesce/machine';
import type { Strategy, StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import { kernelProfile } from '../profile/profiles.ts';

const names = { name: 'sample', description: 'A sample.', sources: [] };

/** Command registers at the end, by function name. */
function commandsAfter(hooks: Partial<Strategy>, kernel = 'linux-6-no-copy'): Record<string, number> {
  const strategy: StrategyPlugin = { ...names, create: () => ({ ...names, ...hooks }) };
  const { world } = crash({ machine: preset('q35-lab'), strategy, kernel: kernelProfile(kernel), seed: 1 });
  return Object.fromEntries(
    world.hardware.hierarchy.functions.map((fn) => [fn.name, fn.config.file.peek32(4) & 0xffff]),
  );
}

/** Command = 0 everywhere. */
const disconnect: Partial<Strategy> = {
  crash(ctx) {
    for (const device of ctx.devices) device.writeConfig16(4, 0);
  },
};

describe('what a driver of the second kernel enables (seen on Linux 6.12)', () => {
  it('memory alone for e1000e and NVMe (pci_enable_device_mem), what there is for others', () => {
    const commands = commandsAfter(disconnect);
    expect((commands['0000:01:00.0'] as number) & 3).toBe(2);
    expect((commands['0000:05:00.0'] as number) & 3).toBe(2);
    expect((commands['0000:00:1d.0'] as number) & 3).toBe(1);
  });

  it('by the resources that enumeration found, though the BARs have been lost since', () => {
    const commands = commandsAfter({
      iommuInit(ctx) {
        const { type1 } = ctx;
        for (const port of [1, 3]) {
          const control = type1.read16(0, port, 0, 0x3e);
          type1.write16(0, port, 0, 0x3e, control | 0x40);
          ctx.delay(2);
          type1.write16(0, port, 0, 0x3e, control);
        }
        ctx.delay(500);
        ctx.kernel.initialise();
      },
    });
    expect(commands['0000:01:00.0']).toBe(0x0002);
    // HD audio finds out in the background, and keeps its MSI and bus mastering.
    expect(commands['0000:07:00.0']).toBe(0x0406);
  });

  it('interrupts by pin, from Linux 3.14 on: the USB hand-off takes Interrupt Disable away', () => {
    const seen: number[] = [];
    const masked: Partial<Strategy> = {
      setupArch: (ctx) => ctx.type1.write16(0, 0x1d, 0, 4, 0x0503),
      iommuInit(ctx) {
        seen.push(ctx.type1.read16(0, 0x1d, 0, 4));
        ctx.kernel.initialise();
      },
    };
    commandsAfter(masked);
    commandsAfter(masked, 'linux-3.10');
    expect(seen).toEqual([0x0103, 0x0503]);
  });
});
