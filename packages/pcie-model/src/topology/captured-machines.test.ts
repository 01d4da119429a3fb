import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

const machines = new URL('../../../../../shared/real-captures/machines/', import.meta.url);

describe.skipIf(!existsSync(machines))('captures of real machines (skipped without ../shared)', () => {
  const names = existsSync(machines) ? readdirSync(machines) : [];
  const files = names.flatMap((name) =>
    readdirSync(new URL(`${name}/`, machines))
      .filter((file) => /^lspci-nn.*xxxx/.test(file))
      .map((file) => `${name}/${file}`),
  );

  for (const file of files) {
    it(`${file}: every function is visible where it was, and reads back as captured`, () => {
      const functions = readLspci(readFileSync(new URL(file, machines), 'latin1'));
      expect(functions.length).toBeGreaterThan(8);
      const rootComplexes = [{ segment: 0, firstBus: 0, lastBus: 255 }];
      const hierarchy = new PcieHierarchy({ functions, rootComplexes, now: () => 0 });
      for (const fn of hierarchy.functions) {
        const { segment, bus, device, fn: number, config } = fn.description;
        expect(`${hierarchy.visibleAt(segment, bus, device, number)?.name}`).toBe(fn.name);
        expect(fn.config.file.bytes().subarray(0, config.length)).toEqual(config);
        expect(fn.config.read(0, 4)).toBe(new DataView(config.buffer).getUint32(0, true));
      }
    });

    it(`${file}: a reset of every root port leaves read-only bits as captured`, () => {
      const functions = readLspci(readFileSync(new URL(file, machines), 'latin1'));
      let now = 0;
      const hierarchy = new PcieHierarchy({ functions, rootComplexes: [], now: () => now });
      for (const fn of hierarchy.functions.filter((one) => one.kind === 'root-port')) {
        fn.config.write(0x3e, 2, fn.config.read(0x3e, 2) | 0x40);
        now += 2_000_000;
        fn.config.write(0x3e, 2, fn.config.read(0x3e, 2) & ~0x40);
        now += 100_000_000;
        for (const below of fn.children) {
          expect(below.config.read(0, 4)).toBe(
            new DataView(below.description.config.buffer).getUint32(0, true),
          );
          expect(below.config.read(4, 2) & 0x0547).toBe(0);
          expect(below.config.capabilities.map((one) => below.config.read(one.offset, 1))).toEqual(
            below.config.capabilities.map((one) => one.id & 0xff),
          );
        }
      }
    });
  }
});
