import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PcieHierarchy } from './pcie-hierarchy.ts';
import { readLspci } from './testing/lspci-hex.ts';

const capture = new URL('../../../../../shared/ground-truth/lspci-nnvvv-xxxx.txt', import.meta.url);

describe.skipIf(!existsSync(capture))('the captured q35 machine (skipped without ../shared)', () => {
  const functions = existsSync(capture) ? readLspci(readFileSync(capture, 'latin1')) : [];
  const hierarchy = new PcieHierarchy({
    functions,
    rootComplexes: [{ segment: 0, firstBus: 0, lastBus: 255, ecamBase: 0xb000_0000 }],
    now: () => 0,
  });

  it('has nothing odd about it', () => {
    expect(functions.length).toBeGreaterThan(10);
    expect(hierarchy.notes).toEqual([]);
  });

  for (const one of functions) {
    const name = `${one.bus.toString(16)}:${one.device.toString(16)}.${one.fn}`;
    it(`reads ${name} back as captured`, () => {
      const fn = hierarchy.visibleAt(0, one.bus, one.device, one.fn);
      expect(fn?.description).toBe(one);
      for (let at = 0; at < one.config.length; at++) {
        expect([at, hierarchy.configRead(0, one.bus, one.device, one.fn, at, 1)]).toEqual([
          at,
          one.config[at],
        ]);
      }
    });
  }
});
