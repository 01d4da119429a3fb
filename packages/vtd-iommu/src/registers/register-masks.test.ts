import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scalableCapability, scalableExtendedCapability } from '../testing/unit-fixture.ts';
import { decodeCapability } from './capability.ts';
import { coreRegisters } from './core-registers.ts';
import { faultRecordRegisters } from './fault-record-registers.ts';
import { interruptTableRegister } from './interrupt-table-register.ts';
import { invalidationQueueRegisters } from './invalidation-queue-registers.ts';
import { iotlbRegisters } from './iotlb-registers.ts';
import { pageRequestRegisters } from './page-request-registers.ts';
import {
  protectedHighRegisters,
  protectedLowRegisters,
  protectedMemoryEnable,
} from './protected-memory-registers.ts';
import { registerBlock } from './register-block.ts';

const cap = { low: scalableCapability.low | 0x60, high: scalableCapability.high };
const ecap = scalableExtendedCapability;
const capability = decodeCapability(cap, ecap);
const placed = [
  ...[
    coreRegisters,
    protectedMemoryEnable,
    protectedLowRegisters,
    protectedHighRegisters,
    invalidationQueueRegisters,
    interruptTableRegister,
    pageRequestRegisters,
  ].map((layout) => ({ layout, base: 0 })),
  { layout: iotlbRegisters, base: capability.iotlbOffset },
  ...Array.from({ length: capability.faultRecords }, (_, i) => ({
    layout: faultRecordRegisters,
    base: capability.faultRecordOffset + 16 * i,
  })),
];

/** Access of each bit, as declared. */
function declaredAccess(): Map<number, string> {
  const bits = new Map<number, string>();
  for (const { layout, base } of placed) {
    for (const register of layout.registers) {
      for (const field of register.fields) {
        for (let bit = field.low; bit <= field.high; bit++) {
          bits.set((base + register.offset) * 8 + bit, field.access);
        }
      }
    }
  }
  return bits;
}

describe('register masks', () => {
  const access = declaredAccess();

  test('software changes the bits that are declared writable and no others, in any access size', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<1 | 2 | 4>(1, 2, 4),
        fc.nat({ max: 0x380 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (size, place, value) => {
          const file = registerBlock(capability, 0x10, cap, ecap);
          const offset = place - (place % size);
          const before = file.bytes();
          file.write(offset, size, value % 2 ** (8 * size));
          const after = file.bytes();
          const expected = before.slice();
          for (let bit = offset * 8; bit < (offset + size) * 8; bit++) {
            const mask = 1 << (bit & 7);
            const old = expected[bit >>> 3] as number;
            const one = Math.floor(value / 2 ** (bit - offset * 8)) % 2 === 1;
            const kind = access.get(bit);
            if (kind === 'RW') expected[bit >>> 3] = one ? old | mask : old & ~mask;
            else if (kind === 'RW1C' && one) expected[bit >>> 3] = old & ~mask;
          }
          expect(Buffer.compare(after, expected)).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('registers of features that a unit lacks are read-only zeros', () => {
    const bare = decodeCapability({ low: 0x2038_0406, high: 0 }, { low: 0x3000, high: 0 });
    const file = registerBlock(bare, 0x10, { low: 0x2038_0406, high: 0 }, { low: 0x3000, high: 0 });
    for (let offset = 0x58; offset < 0x100; offset += 4) {
      file.write(offset, 4, 0xffff_ffff);
      expect(file.read(offset, 4)).toBe(0);
    }
    file.write(0x20, 4, 0xffff_ffff);
    expect(file.read(0x20, 4)).toBe(0xffff_f000);
  });

  test('offsets that the code uses are those that are declared', async () => {
    const { registerOffset } = await import('./register-block.ts');
    for (const [name, offset] of Object.entries(registerOffset)) {
      const layout = placed.find((one) => one.layout.register[name] !== undefined);
      expect(layout?.layout.register[name]?.offset).toBe(offset);
    }
  });
});

describe('capability', () => {
  test('of the emulated unit of the ground truth', () => {
    const c = decodeCapability({ low: 0x2226_0206, high: 0x00d2_008c }, { low: 0x00f0_0f4a, high: 0 });
    expect(c).toMatchObject({
      domains: 65536,
      supportedWidths: 2,
      guestAddressWidth: 39,
      superpages: 3,
      pageSelective: true,
      maximumAddressMask: 0x12,
      faultRecordOffset: 0x220,
      faultRecords: 1,
      iotlbOffset: 0xf0,
      queuedInvalidation: true,
      interruptRemapping: true,
      extendedInterrupts: false,
      passThrough: true,
      cachingMode: false,
      scalableMode: false,
    });
  });
});
