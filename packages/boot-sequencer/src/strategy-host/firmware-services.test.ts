import { preset } from '@quiesce/machine';
import { defineStrategy, type SetupArchContext } from '@quiesce/strategy';
import { expect, test } from 'vitest';
import { crash } from '../crash.ts';

const about = { name: 'asks-firmware', description: 'Asks firmware.', sources: ['a test'] };

/** What `look` sees in setup_arch of a server whose firmware can, or cannot, reset host bridges. */
function inSetupArch(hostBridgeReset: boolean, look: (ctx: SetupArchContext) => void): void {
  const machine = preset('server-2012');
  const { outcome } = crash({
    machine: { ...machine, platform: { ...machine.platform, hostBridgeReset } },
    strategy: defineStrategy({ ...about, create: () => ({ ...about, setupArch: look }) }),
    kernel: 'linux-4.2',
    seed: 1,
  });
  expect(outcome.strategyFailure).toBeNull();
}

test('a machine whose firmware cannot has no host bridges to reset', () => {
  inSetupArch(false, ({ firmware }) => expect(firmware.hostBridges).toEqual([]));
});

test('a reset returns when everything below answers, and leaves other host bridges alone', () => {
  inSetupArch(true, ({ firmware, type1 }) => {
    expect(firmware.hostBridges).toEqual([
      { segment: 0, bus: 0 },
      { segment: 0, bus: 0x80 },
    ]);
    const other = type1.read16(0x81, 0, 0, 0x04);
    firmware.resetHostBridge({ segment: 0, bus: 0 });
    // The switch has lost its bus numbers; what is below it can be reached again when it has them.
    expect(type1.read32(2, 0, 0, 0x18)).toBe(0);
    type1.write32(2, 0, 0, 0x18, 0x0005_0302);
    type1.write32(3, 1, 0, 0x18, 0x0005_0503);
    // A SATA card that takes 300 ms.
    expect(type1.read32(5, 0, 0, 0)).toBe(0x9230_1b4b);
    expect(type1.read16(5, 0, 0, 0x04)).toBe(0);
    expect(type1.read16(0x81, 0, 0, 0x04)).toBe(other);
  });
});
