import type { AccessSize, RegisterLayout } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, built } from '../topology/testing/built-function.ts';
import { barRegisters } from './bar-registers.ts';
import { ConfigSpace } from './config-space.ts';
import {
  commonHeader,
  conventionalBridgeControl,
  conventionalHeader,
  type0Header,
  type1Header,
} from './header-registers.ts';
import {
  ioUpperRegisters,
  ioWindowRegisters,
  memoryWindowRegisters,
  prefetchableUpperRegisters,
  prefetchableWindowRegisters,
} from './window-registers.ts';

type Bit = 'RO' | 'RW' | 'RW1C' | 'WO';

/** One entry a bit, straight from the declarations. */
class NaiveModel {
  readonly access: Bit[];
  readonly value: number[];

  constructor(bytes: Uint8Array, placed: readonly (readonly [RegisterLayout, number])[]) {
    this.access = new Array(bytes.length * 8).fill('RO');
    this.value = Array.from(
      { length: bytes.length * 8 },
      (_, bit) => ((bytes[bit >> 3] as number) >> (bit & 7)) & 1,
    );
    for (const [layout, base] of placed) {
      for (const register of layout.registers) {
        for (const field of register.fields) {
          for (let bit = field.low; bit <= field.high; bit++) {
            const rule = field.access === 'RsvdP' ? 'RO' : (field.access as Bit);
            this.access[(base + register.offset) * 8 + bit] = rule;
          }
        }
      }
    }
  }

  write(offset: number, size: number, value: number): void {
    for (let i = 0; i < size * 8; i++) {
      const bit = offset * 8 + i;
      const one = Math.floor(value / 2 ** i) % 2;
      if (this.access[bit] === 'RW') this.value[bit] = one;
      else if (this.access[bit] === 'RW1C' && one === 1) this.value[bit] = 0;
    }
  }

  read(offset: number, size: number): number {
    let value = 0;
    for (let i = size * 8 - 1; i >= 0; i--) {
      const bit = offset * 8 + i;
      const outside = bit >= this.access.length;
      value = value * 2 + (outside ? 1 : this.access[bit] === 'WO' ? 0 : (this.value[bit] as number));
    }
    return value;
  }
}

function make(kind: 'endpoint' | 'port' | 'conventional'): [ConfigSpace, NaiveModel] {
  const bars = [
    [0xfe00_000c, 2 ** 20],
    [1, 0],
    [0xfd00_0000, 4096],
    [0xe001, 32],
  ] as const;
  const status = { [at.aer + 4]: 0xffff_ffff, [at.aer + 0x10]: 0xffff_ffff };
  const description =
    kind === 'endpoint'
      ? built({ at: '01:00.0', type: 0, bars, dwords: { ...status, 4: 0xf910_0000 } })
      : kind === 'port'
        ? built({ at: '00:01.0', type: 4, buses: [1, 1], dwords: status })
        : built({ at: '00:05.0', bars });
  const config = new ConfigSpace(description.config, description.barSizes);
  const headers: [RegisterLayout, number][] = [[commonHeader, 0]];
  if (kind === 'conventional') headers.push([conventionalHeader, 0]);
  if (kind === 'port') {
    for (const layout of [
      type1Header,
      memoryWindowRegisters,
      ioWindowRegisters,
      ioUpperRegisters,
      prefetchableWindowRegisters,
      prefetchableUpperRegisters,
    ]) {
      headers.push([layout, 0]);
    }
  } else {
    headers.push([type0Header, 0], [barRegisters('memory-64', 2 ** 20), 0x10]);
    headers.push([barRegisters('memory-32', 4096), 0x18], [barRegisters('io', 32), 0x1c]);
  }
  const placed = config.capabilities.flatMap((one) =>
    one.layouts.map((layout) => [layout, one.offset] as [RegisterLayout, number]),
  );
  return [config, new NaiveModel(description.config, [...headers, ...placed])];
}

const masks = [0, 0xffff_ffff, 0x5555_5555, 0xaaaa_aaaa, 0x0000_ffff, 0xffff_0000, 0x8000_0001];

describe('software accesses', () => {
  for (const kind of ['endpoint', 'port', 'conventional'] as const) {
    it(`of every size, alignment and mask class follow the declarations (${kind})`, () => {
      const [config, naive] = make(kind);
      for (const mask of masks) {
        for (const size of [1, 2, 4] as const) {
          const value = size === 4 ? mask : mask % 2 ** (size * 8);
          for (let offset = 0; offset < config.size; offset++) {
            config.write(offset, size, value);
            naive.write(offset, size, value);
          }
          for (let offset = 0; offset < config.size; offset++) {
            const got = config.read(offset, size);
            if (got !== naive.read(offset, size))
              expect([offset, got]).toEqual([offset, naive.read(offset, size)]);
          }
        }
      }
    });

    it(`in any order follow the declarations (${kind})`, () => {
      const access = fc.record({
        offset: fc.nat({ max: kind === 'conventional' ? 259 : 0x1ff }),
        size: fc.constantFrom<AccessSize>(1, 2, 4),
        value: fc.nat({ max: 0xffff_ffff }),
      });
      fc.assert(
        fc.property(fc.array(access, { maxLength: 40 }), (accesses) => {
          const [config, naive] = make(kind);
          for (const { offset, size, value } of accesses) {
            const data = size === 4 ? value : value % 2 ** (size * 8);
            config.write(offset, size, data);
            naive.write(offset, size, data);
            expect(config.read(offset, size)).toBe(naive.read(offset, size));
          }
        }),
      );
    });
  }

  it('leave conventionalBridgeControl to bridges of conventional buses', () => {
    const express = built({ at: '00:01.0', type: 4, buses: [1, 1] });
    const toPci = built({ at: '00:01.0', type: 7, buses: [1, 1] });
    const bits = conventionalBridgeControl.register.BRIDGE_CONTROL?.fields.find(
      (f) => f.name === 'FAST_BACK_TO_BACK',
    );
    expect(bits?.low).toBe(7);
    const read = (bytes: Uint8Array): number => {
      const config = new ConfigSpace(bytes);
      config.write(0x3e, 2, 0x80);
      return config.read(0x3e, 2);
    };
    expect(read(express.config)).toBe(0);
    expect(read(toPci.config)).toBe(0x80);
  });
});
