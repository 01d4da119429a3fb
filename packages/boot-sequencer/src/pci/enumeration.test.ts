import { describe, expect, it } from 'vitest';
import type { ConfigPort } from './config-port.ts';
import { enumerate } from './enumeration.ts';

/** Config space as plain bytes behind one root port at 00:01.0 and whatever hangs below it. */
function fakePort(functions: Map<string, Uint8Array>): ConfigPort {
  const find = (bus: number, device: number, fn: number): Uint8Array | undefined => {
    const root = functions.get('0:1.0');
    if (bus === 0) return functions.get(`0:${device}.${fn}`);
    if (root === undefined || root[0x19] !== bus) return undefined;
    return functions.get(`below:${device}.${fn}`);
  };
  return {
    read: (_segment, bus, device, fn, offset, size) => {
      const bytes = find(bus, device, fn);
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes?.[offset + i] ?? 0xff);
      return value;
    },
    write: (_segment, bus, device, fn, offset, size, value) => {
      const bytes = find(bus, device, fn);
      for (let i = 0; i < size; i++) bytes?.fill((value >>> (8 * i)) & 0xff, offset + i, offset + i + 1);
    },
  };
}

function header(vendor: number, type: number, buses: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes[0] = vendor & 0xff;
  bytes[1] = vendor >>> 8;
  bytes[0x0e] = type;
  bytes.set(buses, 0x18);
  return bytes;
}

function host(port: ConfigPort) {
  const lines: string[] = [];
  const waits: number[] = [];
  return {
    lines,
    waits,
    port: () => port,
    delay: (ms: number) => waits.push(ms),
    log: (line: string) => lines.push(line),
  };
}

const root = [{ segment: 0, firstBus: 0, lastBus: 255 }];

describe('enumeration', () => {
  it('keeps bus numbers that fit', () => {
    const kernel = host(
      fakePort(
        new Map([
          ['0:1.0', header(0x8086, 1, [0, 5, 5])],
          ['below:0.0', header(0x10ec, 0)],
        ]),
      ),
    );
    expect(enumerate(kernel, root).map((one) => one.name)).toEqual(['0000:00:01.0', '0000:05:00.0']);
    expect(kernel.lines).toEqual([]);
  });

  it('gives numbers to a bridge that lost them, and finds what is below', () => {
    const kernel = host(
      fakePort(
        new Map([
          ['0:1.0', header(0x8086, 1, [0, 0, 0])],
          ['below:0.0', header(0x10ec, 0)],
        ]),
      ),
    );
    expect(enumerate(kernel, root).map((one) => one.name)).toEqual(['0000:00:01.0', '0000:01:00.0']);
    expect(kernel.lines[0]).toContain('bridge configuration invalid ([bus 00-00]), reconfiguring');
  });

  it('waits for a function that answers CRS, doubling its patience', () => {
    const device = header(0x0001, 0);
    const kernel = host(fakePort(new Map([['0:1.0', device]])));
    kernel.delay = (ms) => {
      kernel.waits.push(ms);
      if (kernel.waits.length === 3) device.set([0x86, 0x80], 0);
      return kernel.waits.length;
    };
    expect(enumerate(kernel, root)).toHaveLength(1);
    expect(kernel.waits).toEqual([1, 2, 4]);
  });

  it('gives up on a function that answers CRS for a minute', () => {
    const kernel = host(fakePort(new Map([['0:1.0', header(0x0001, 0)]])));
    expect(enumerate(kernel, root)).toHaveLength(0);
    expect(kernel.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(60_000);
  });
});
