import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceScope, Dmar, DmarStructure, Drhd } from './dmar-table.ts';
import { parseDmar } from './parse-dmar.ts';
import { resolveScopeSet, resolveScopes } from './resolve-scopes.ts';
import type { ScopeTopology } from './scope-path.ts';
import { unitForRequester } from './unit-table.ts';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));

/** `functions` and `bridges` by `bus:device.fn`, a bridge with its buses. */
function machine(
  functions: readonly string[],
  bridges: Readonly<Record<string, readonly [number, number]>>,
  aliases: Readonly<Record<number, readonly number[]>> = {},
): ScopeTopology {
  const key = (segment: number, bus: number, device: number, fn: number): string =>
    `${segment === 0 ? '' : `${segment}/`}${bus.toString(16)}:${device.toString(16)}.${fn}`;
  return {
    hasFunction: (...at) => functions.includes(key(...at)) || key(...at) in bridges,
    busesBelow: (...at) => {
      const buses = bridges[key(...at)];
      return buses === undefined ? undefined : { first: buses[0], last: buses[1] };
    },
    aliases: (_segment, requesterId) => aliases[requesterId] ?? [],
  };
}

function scope(type: number, startBus: number, ...path: [number, number][]): DeviceScope {
  return { type, enumerationId: 0, startBus, path: path.map(([device, fn]) => ({ device, fn })) };
}

function table(...structures: DmarStructure[]): Dmar {
  return {
    revision: 1,
    oemId: '',
    oemTableId: '',
    oemRevision: 1,
    creatorId: '',
    creatorRevision: 1,
    hostAddressWidth: 38,
    flags: 1,
    structures,
    notes: [],
  };
}

function unit(registerBase: number, flags: number, scopes: DeviceScope[], segment = 0): Drhd {
  return { type: 'DRHD', flags, segment, registerBase, scopes };
}

const bridges = {
  '0:1.0': [1, 3],
  '1:0.0': [2, 3],
  '2:0.0': [3, 3],
  '0:1c.0': [4, 4],
} as const;
const functions = ['0:2.0', '0:14.0', '3:0.0', '3:0.1', '4:0.0'];

describe('resolving device scopes', () => {
  it('sends a named function to its unit and the rest to the one that includes all', () => {
    const dmar = table(unit(0x1000, 0, [scope(1, 0, [2, 0])]), unit(0x2000, 1, []));
    const resolved = resolveScopes(dmar, machine(functions, bridges));
    expect(unitForRequester(resolved, 0, 0x0010)).toBe(0);
    expect(unitForRequester(resolved, 0, 0x00a0)).toBe(1);
    expect(unitForRequester(resolved, 0, 0x0300)).toBe(1);
    expect(unitForRequester(resolved, 1, 0x0300)).toBeUndefined();
  });

  it('takes everything below a bridge, aliases with it', () => {
    const dmar = table(unit(0x1000, 0, [scope(2, 0, [1, 0])]));
    const resolved = resolveScopes(dmar, machine(functions, bridges));
    expect(resolved.units[0]?.subtrees).toMatchObject([
      { requesterId: 0x0008, buses: { first: 1, last: 3 } },
    ]);
    for (const requester of [0x0008, 0x0100, 0x0200, 0x0300, 0x0301, 0x03ff]) {
      expect(unitForRequester(resolved, 0, requester), requester.toString(16)).toBe(0);
    }
    for (const requester of [0x0000, 0x0010, 0x0400]) {
      expect(unitForRequester(resolved, 0, requester), requester.toString(16)).toBeUndefined();
    }
  });

  it('goes a way through several bridges as they are numbered now', () => {
    const way = scope(1, 0, [1, 0], [0, 0], [0, 0], [0, 1]);
    expect(resolveScopeSet(0, [way], machine(functions, bridges)).functions).toMatchObject([
      { requesterId: 0x0301 },
    ]);
    const renumbered = machine(['9:0.1'], { '0:1.0': [7, 9], '7:0.0': [8, 9], '8:0.0': [9, 9] });
    expect(resolveScopeSet(0, [way], renumbered).functions).toMatchObject([{ requesterId: 0x0901 }]);
  });

  it('lists what is not there instead of dropping it', () => {
    const gone = scope(1, 0, [0x1f, 6]);
    const behindNoBridge = scope(1, 0, [0x14, 0], [0, 0]);
    const impossible = scope(1, 0, [32, 0]);
    const { absent } = resolveScopeSet(
      0,
      [gone, behindNoBridge, impossible, scope(1, 0)],
      machine(functions, bridges),
    );
    expect(absent.map((one) => one.missing)).toEqual([
      '0000:00:1f.6',
      '0000:00:14.0',
      '0000:00:20.0',
      'a scope without a path',
    ]);
  });

  it('knows an IO-APIC by an ID that no function has', () => {
    const apic = { ...scope(3, 0xff, [0, 0]), enumerationId: 8 };
    const hpet = { ...scope(4, 0, [0x1f, 0]), enumerationId: 0 };
    const acpi = { ...scope(5, 0, [0x15, 0]), enumerationId: 1 };
    const dmar = table(unit(0x1000, 1, [apic, hpet, acpi]), {
      type: 'ANDD',
      deviceNumber: 1,
      name: '\\_SB.PCI0.I2C0',
    });
    const [only] = resolveScopes(dmar, machine([], {})).units;
    expect(only?.ioApics).toMatchObject([{ enumerationId: 8, requesterId: 0xff00 }]);
    expect(only?.hpets).toMatchObject([{ requesterId: 0x00f8 }]);
    expect(only?.acpiDevices).toMatchObject([{ requesterId: 0x00a8, name: '\\_SB.PCI0.I2C0' }]);
    expect(only?.absent).toEqual([]);
  });

  it('gives an alias to the unit of its function', () => {
    const dmar = table(unit(0x1000, 0, [scope(1, 4, [0, 0])]), unit(0x2000, 1, []));
    const resolved = resolveScopes(dmar, machine(functions, bridges, { 1024: [0x0401, 0x0480] }));
    expect(unitForRequester(resolved, 0, 0x0480)).toBe(0);
    expect(unitForRequester(resolved, 0, 0x0482)).toBe(1);
  });

  it('lets a named function go before its bridge, and the first unit before others', () => {
    const inner = unit(0x1000, 0, [scope(1, 0, [1, 0], [0, 0], [0, 0], [0, 1])]);
    const outer = unit(0x2000, 0, [scope(2, 0, [1, 0])]);
    const again = unit(0x3000, 0, [scope(2, 0, [1, 0])]);
    const resolved = resolveScopes(table(outer, inner, again), machine(functions, bridges));
    expect(unitForRequester(resolved, 0, 0x0301)).toBe(1);
    expect(unitForRequester(resolved, 0, 0x0300)).toBe(0);
  });

  it('names the functions that reserved memory is for', () => {
    const dmar = table({
      type: 'RMRR',
      segment: 0,
      base: 0x7e00_0000,
      limit: 0x7e01_ffff,
      scopes: [scope(1, 0, [0x14, 0]), scope(1, 0, [0x1d, 0])],
    });
    const [memory] = resolveScopes(dmar, machine(functions, bridges)).reservedMemory;
    expect(memory?.functions).toMatchObject([{ requesterId: 0x00a0 }]);
    expect(memory?.absent).toMatchObject([{ missing: '0000:00:1d.0' }]);
  });

  it('agrees with a search through the units, whatever the scopes', () => {
    const anyScope = fc
      .tuple(fc.constantFrom(1, 2), fc.constantFrom('0:1.0', '0:1c.0', '0:2.0', '0:14.0'))
      .map(([type, at]) => scope(type, 0, [Number.parseInt(at.slice(2), 16), 0]));
    const anyUnits = fc.array(fc.tuple(fc.boolean(), fc.array(anyScope, { maxLength: 4 })), {
      minLength: 1,
      maxLength: 4,
    });
    const topology = machine(functions, bridges);
    fc.assert(
      fc.property(anyUnits, fc.nat(0x5ff), (units, requester) => {
        const dmar = table(...units.map(([all, scopes], i) => unit(0x1000 * i, all ? 1 : 0, scopes)));
        const resolved = resolveScopes(dmar, topology);
        const named = resolved.units.findIndex((one) =>
          [...one.functions, ...one.subtrees].some((item) => item.requesterId === requester),
        );
        const below = resolved.units.findIndex((one) =>
          one.subtrees.some(
            ({ buses }) =>
              buses !== undefined && buses.first <= requester >>> 8 && requester >>> 8 <= buses.last,
          ),
        );
        const all = resolved.units.findIndex((one) => one.includeAll);
        const expected = [named, below, all].find((index) => index >= 0);
        expect(unitForRequester(resolved, 0, requester)).toBe(expected);
      }),
    );
  });

  it.skipIf(!existsSync(`${shared}real-captures/dmar`))('loses no scope of any captured table', () => {
    const folder = `${shared}real-captures/dmar/`;
    const nothing = machine([], {});
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.dat'))) {
      const dmar = parseDmar(new Uint8Array(readFileSync(folder + file)), { file });
      const { units } = resolveScopes(dmar, nothing);
      for (const one of units) {
        const kept = one.absent.length + one.ioApics.length + one.hpets.length + one.acpiDevices.length;
        expect(kept, file).toBe(one.drhd.scopes.length);
      }
    }
  });

  it.skipIf(!existsSync(`${shared}ground-truth/DMAR.bin`))('covers the q35 machine', () => {
    const dmar = parseDmar(new Uint8Array(readFileSync(`${shared}ground-truth/DMAR.bin`)));
    const q35 = machine(['0:0.0', '0:4.0', '0:1b.0', '0:1d.0', '0:1f.0', '0:1f.2', '0:1f.3'], {
      '0:1.0': [1, 1],
      '0:2.0': [2, 6],
      '0:3.0': [7, 7],
    });
    const resolved = resolveScopes(dmar, q35);
    const [only] = resolved.units;
    expect(only?.ioApics).toMatchObject([{ requesterId: 0xff00 }]);
    expect(only?.absent).toEqual([]);
    for (const requester of [0x0100, 0x0400, 0x0500, 0x0600, 0x0700, 0x0020, 0x00d8, 0x00e8]) {
      expect(unitForRequester(resolved, 0, requester), requester.toString(16)).toBe(0);
    }
  });
});
