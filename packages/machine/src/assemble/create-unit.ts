import { AmdUnit } from '@quiesce/amd-iommu';
import type { PhysicalMemory, RemappingUnit, Snapshottable } from '@quiesce/simulation';
import { SmmuUnit } from '@quiesce/smmu-v3';
import { VtdUnit, type WideValue } from '@quiesce/vtd-iommu';
import type { MachineUnit, UnitArchitecture } from '../description/machine.ts';

/** A live remapping unit: the seam to the fabric, and plain data. */
export type AssembledUnit = RemappingUnit & Snapshottable<unknown>;

/** What a unit is built from besides its own description. */
export interface UnitSurroundings {
  readonly memory: PhysicalMemory;
  /** Address bits that the host has, 52 at most. */
  readonly hostAddressBits: number;
  /** Carries an invalidation to a device's own translations; false if the device does not answer. */
  readonly onDeviceTlbInvalidate: (requesterId: number, address: number, bytes: number) => boolean;
  /** Table accesses there fail as on a bus where nothing answers. */
  readonly accessFails: (address: number) => boolean;
}

const constructors: Partial<
  Record<UnitArchitecture, (unit: MachineUnit, surroundings: UnitSurroundings) => AssembledUnit>
> = {
  'vt-d': (unit, surroundings) =>
    new VtdUnit({
      name: unit.name,
      segment: unit.segment,
      registerBase: unit.registerBase,
      version: unit.version,
      capability: wide(unit.capability),
      extendedCapability: wide(unit.extendedCapability),
      memory: surroundings.memory,
      writer: surroundings.memory.writer(unit.name),
      hostAddressBits: surroundings.hostAddressBits,
      onDeviceTlbInvalidate: surroundings.onDeviceTlbInvalidate,
      accessFails: surroundings.accessFails,
    }),
  'amd-vi': (unit, surroundings) =>
    new AmdUnit({
      name: unit.name,
      segment: unit.segment,
      registerBase: unit.registerBase,
      features: wide(unit.capability),
      locked: unit.locked,
      deviceTableCache: unit.deviceTableCache,
      memory: surroundings.memory,
      writer: surroundings.memory.writer(unit.name),
      onDeviceTlbInvalidate: surroundings.onDeviceTlbInvalidate,
      accessFails: surroundings.accessFails,
    }),
  'smmu-v3': (unit, surroundings) =>
    new SmmuUnit({
      name: unit.name,
      segment: unit.segment,
      registerBase: unit.registerBase,
      version: unit.version,
      idr0: wide(unit.capability).low,
      idr1: wide(unit.capability).high,
      idr5: wide(unit.extendedCapability).low,
      memory: surroundings.memory,
      writer: surroundings.memory.writer(unit.name),
      writeWhileEnabled: unit.writeWhileEnabled,
      onDeviceTlbInvalidate: surroundings.onDeviceTlbInvalidate,
      accessFails: surroundings.accessFails,
    }),
};

/** Makes a unit of whatever architecture it has; undefined where there is no model of it. */
export function createUnit(unit: MachineUnit, surroundings: UnitSurroundings): AssembledUnit | undefined {
  return constructors[unit.architecture]?.(unit, surroundings);
}

/** Sixteen hexadecimal digits as two words. */
function wide(digits: string): WideValue {
  return { low: Number.parseInt(digits.slice(8), 16), high: Number.parseInt(digits.slice(0, 8), 16) };
}
