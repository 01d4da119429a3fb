import type { DeviceScope } from '@quiesce/vtd-iommu';
import { expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import { preset } from '../presets/presets.ts';
import { CapturedTopology } from './captured-topology.ts';
import { parseFunctionName, requesterIdOf } from './function-name.ts';
import type { Machine } from './machine.ts';
import {
  type MachineScopes,
  reservedMemoryOf,
  scopesOfMachine,
  unitOfRequester,
} from './requester-coverage.ts';

function topologyOf(machine: Machine): CapturedTopology {
  return new CapturedTopology(
    machine.functions.flatMap(({ name, config }) => {
      const place = parseFunctionName(name);
      return place === undefined ? [] : [{ ...place, bytes: hexToBytes(config) ?? new Uint8Array(64) }];
    }),
  );
}

it('finds the unit of every requester by the table', () => {
  const machine = preset('server-2012');
  const scopes = scopesOfMachine(machine, topologyOf(machine));
  for (const { name } of machine.functions) {
    const place = parseFunctionName(name);
    if (place === undefined) continue;
    const unit = unitOfRequester(machine, scopes, place.segment, requesterIdOf(place));
    expect(
      machine.units.map((one) => one.name),
      name,
    ).toContain(unit?.name);
    expect(unit?.resolved, name).toBeDefined();
  }
});

it('tells units of AMD apart by the last requester of each', () => {
  const machine = preset('epyc-2025');
  const [unit] = machine.units;
  if (unit === undefined) throw new Error('no unit');
  const two: Machine = {
    ...machine,
    units: [
      { ...unit, name: 'ivhd0', lastRequesterId: 0x3fff },
      { ...unit, name: 'ivhd1', lastRequesterId: 0xffff },
    ],
  };
  const scopes = scopesOfMachine(two, topologyOf(two));
  const of = (requesterId: number) => unitOfRequester(two, scopes, unit.segment, requesterId)?.name;
  expect([of(0x3fff), of(0x4000)]).toEqual(['ivhd0', 'ivhd1']);
  expect(unitOfRequester(two, scopes, 9, 0)).toBeUndefined();
});

it('says why a table cannot be read, and then knows no unit', () => {
  const machine: Machine = { ...preset('q35-lab'), dmar: '00ff' };
  const scopes = scopesOfMachine(machine, topologyOf(machine));
  expect(scopes.unreadable).toBeTruthy();
  expect(unitOfRequester(machine, scopes, 0, 0x100)).toBeUndefined();
  expect(reservedMemoryOf(scopes, 0, 0x100)).toEqual([]);
});

it('takes memory that is reserved for a bridge as reserved for what is below it', () => {
  const scope = { type: 2, enumerationId: 0, startBus: 0, path: [], offset: 0x40 } as unknown as DeviceScope;
  const set = { functions: [], ioApics: [], hpets: [], acpiDevices: [], absent: [] };
  const memory = {
    ...set,
    segment: 0,
    base: 0x1000,
    limit: 0x1fff,
    subtrees: [{ requesterId: 0x08, buses: { first: 3, last: 5 }, scope }],
  };
  const scopes = {
    resolved: { units: [], reservedMemory: [memory], table: { segments: new Map() } },
  } as unknown as MachineScopes;
  const reserved = (segment: number, requesterId: number) =>
    reservedMemoryOf(scopes, segment, requesterId).map((one) => one.scope.offset);
  expect([reserved(0, 0x08), reserved(0, 0x410), reserved(0, 0x610), reserved(1, 0x410)]).toEqual([
    [0x40],
    [0x40],
    [],
    [],
  ]);
});
