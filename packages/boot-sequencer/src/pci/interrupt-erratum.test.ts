import { describe, expect, it } from 'vitest';
import type { ConfigPort } from './config-port.ts';
import { hasInterruptErratum } from './interrupt-erratum.ts';

function hostBridge(vendorId: number, deviceId: number, revision: number): ConfigPort {
  return {
    read: (_segment, bus, device, fn, offset) => {
      if (bus !== 0 || device !== 0 || fn !== 0) return 0xffff_ffff;
      if (offset === 0) return deviceId * 0x1_0000 + vendorId;
      return offset === 8 ? revision : 0;
    },
    write: () => {
      throw new Error('an early quirk that writes');
    },
  };
}

describe('chipsets that cannot drain interrupts', () => {
  it.each([
    [0x3403, 0x13, true],
    [0x3405, 0x12, true],
    [0x3405, 0x13, true],
    [0x3405, 0x22, true],
    [0x3406, 0x13, true],
    [0x3406, 0x22, false],
    [0x3403, 0x14, false],
    [0x3c00, 0x07, false],
  ])('8086:%s revision %s: %s', (deviceId, revision, broken) => {
    expect(hasInterruptErratum(hostBridge(0x8086, deviceId, revision))).toBe(broken);
    expect(hasInterruptErratum(hostBridge(0x1022, deviceId, revision))).toBe(false);
  });

  it('nothing at 00:00.0 is none of them', () => {
    expect(hasInterruptErratum(hostBridge(0xffff, 0xffff, 0xff))).toBe(false);
  });
});
