import { defaultTraits, type FunctionDescription, PcieHierarchy } from '@quiesce/pcie-model';
import { describe, expect, it } from 'vitest';
import { isAmbiguous } from './claimants.ts';

/** A bridge of bus 0 with a window of memory, given in MiB, and everything enabled. */
function bridge(device: number, secondary: number, first: number, last: number): FunctionDescription {
  const config = new Uint8Array(256);
  const view = new DataView(config.buffer);
  view.setUint32(0x00, 0x000c_1b36, true);
  view.setUint16(0x04, 7, true);
  view.setUint8(0x0e, 1);
  view.setUint32(0x18, secondary * 0x100 + secondary * 0x1_0000, true);
  view.setUint16(0x20, first * 16, true);
  view.setUint16(0x22, last * 16, true);
  // Nothing prefetchable, no ports.
  view.setUint32(0x24, 0x0001_fff1, true);
  view.setUint16(0x1c, 0x01f1, true);
  return describeFunction(0, device, config, []);
}

/** A function with one BAR of 64 KiB. */
function endpoint(bus: number, device: number, address: number): FunctionDescription {
  const config = new Uint8Array(256);
  const view = new DataView(config.buffer);
  view.setUint32(0x00, 0x0010_1b36, true);
  view.setUint16(0x04, 7, true);
  view.setUint32(0x10, address, true);
  return describeFunction(bus, device, config, [0x1_0000]);
}

function describeFunction(
  bus: number,
  device: number,
  config: Uint8Array,
  barSizes: readonly number[],
): FunctionDescription {
  const workload = { ratePerSecond: 0, bytesPerUnit: 0, burstBytes: 0, direction: 'to-memory' } as const;
  const endpointOf = { kind: 'idle', traits: defaultTraits, workload } as const;
  return { segment: 0, bus, device, fn: 0, config, barSizes, endpoint: endpointOf };
}

function ambiguous(functions: readonly FunctionDescription[], at: number): boolean {
  const rootComplexes = [{ segment: 0, firstBus: 0, lastBus: 255 }];
  return isAmbiguous(new PcieHierarchy({ functions, rootComplexes, now: () => 0 }), at, false);
}

describe('an address', () => {
  it('that one bridge claims, or nobody, is nobody else’s', () => {
    const functions = [bridge(1, 1, 0xc00, 0xc00), bridge(2, 2, 0xc01, 0xc01), endpoint(1, 0, 0xc000_0000)];
    for (const at of [0xc000_0000, 0xc00f_ffff, 0xc010_0000, 0xc020_0000]) {
      expect(ambiguous(functions, at), at.toString(16)).toBe(false);
    }
  });

  it('that two claim belongs to nobody that could be told', () => {
    const bridges = [bridge(1, 1, 0xc00, 0xc01), bridge(2, 2, 0xc01, 0xc01)];
    expect(ambiguous(bridges, 0xc000_0000)).toBe(false);
    expect(ambiguous(bridges, 0xc010_0000)).toBe(true);
    expect(ambiguous([...bridges, endpoint(0, 4, 0xc000_0000)], 0xc000_0000)).toBe(true);
    const below = [bridge(1, 1, 0xc00, 0xc00), endpoint(1, 0, 0xc000_0000), endpoint(1, 1, 0xc000_0000)];
    expect(ambiguous(below, 0xc000_0000)).toBe(true);
    expect(ambiguous(below, 0xc001_0000)).toBe(false);
  });
});
