import {
  type DeviceScope,
  DMAR_INTERRUPT_REMAPPING,
  DMAR_X2APIC_OPT_OUT,
  type Dmar,
  type DmarStructure,
  SCOPE_ENDPOINT,
} from '@quiesce/vtd-iommu';
import { parseFunctionName } from '../description/function-name.ts';
import type { LoggedBoot } from './boot-record.ts';
import type { InferenceList } from './inference-list.ts';
import type { DirectRegion } from './sysfs-unit-scopes.ts';
import type { UnitRegisters } from './unit-registers.ts';

/** Of servers; what a table has if the log does not say it. */
const USUAL_ADDRESS_WIDTH = 46;
/** What fits a structure's length field. */
const MAX_SCOPES = 8000;
/** Domains above are made by software: what stands there sends under the ID of the function that makes the domain. */
const LAST_SEGMENT = 0xffff;

/** What a table can be made of, where none was captured. */
export interface DmarEvidence {
  readonly boot?: LoggedBoot | undefined;
  /** Units of `/sys`. */
  readonly units?: readonly UnitRegisters[] | undefined;
  readonly direct?: readonly DirectRegion[] | undefined;
}

interface KnownUnit {
  readonly registerBase: number;
  readonly flags: number | undefined;
  readonly functions: readonly string[] | undefined;
}

/**
 * A DMAR table of what a kernel said while it parsed the real one, and of the functions that `/sys` lists behind each unit. A
 * kernel prints no device scopes and no segments: without `/sys` a unit that does not include all is left with no function at
 * all, and reserved memory belongs to nobody. Undefined if no unit is known.
 */
export function madeDmar(evidence: DmarEvidence, inferred: InferenceList): Dmar | undefined {
  const { boot } = evidence;
  const units = knownUnits(evidence);
  if (units.length === 0) return undefined;
  inferred.add('/dmar', `${units.length} units`, `no table was given: it is made of ${sourceOf(evidence)}`);
  const structures = units.map((unit, index) => drhdOf(unit, index, inferred));
  structures.push(...reservedMemoryOf(evidence, inferred));
  if (boot !== undefined) structures.push(...furtherStructures(boot));
  const sources = boot?.interruptSources.length ?? 0;
  const behind = sources > 0 ? `${sources} IO-APICs and HPETs` : 'IO-APICs and HPETs';
  inferred.add(
    '/dmar',
    `${behind} behind no unit`,
    'under which requester ID they send is in the table only',
  );
  if (boot?.hostAddressWidth === undefined) {
    inferred.add('/dmar', `${USUAL_ADDRESS_WIDTH} address bits`, 'nothing says how many the host has');
  }
  const width = Math.min(Math.max(boot?.hostAddressWidth ?? USUAL_ADDRESS_WIDTH, 1), 64);
  const interrupts = sources > 0 || boot?.interruptRemapping !== undefined;
  return {
    revision: 1,
    oemId: 'QUIESC',
    oemTableId: 'REBUILT ',
    oemRevision: 1,
    creatorId: 'QSCE',
    creatorRevision: 1,
    hostAddressWidth: width - 1,
    flags:
      (interrupts ? DMAR_INTERRUPT_REMAPPING : 0) | (boot?.x2apicOptOut === true ? DMAR_X2APIC_OPT_OUT : 0),
    structures,
    notes: [],
  };
}

function sourceOf({ boot, units = [] }: DmarEvidence): string {
  const sources: string[] = [];
  if (units.length > 0) sources.push('the units in /sys');
  const line = boot?.units[0]?.line;
  if (line !== undefined) sources.push(`lines ${line} ff. of ${boot?.file}`);
  return sources.join(' and ');
}

/** The order of the log is that of the table. */
function knownUnits({ boot, units = [] }: DmarEvidence): KnownUnit[] {
  const bySysfs = new Map(units.map((one) => [one.registerBase, one]));
  const logged = (boot?.units ?? []).map(({ registerBase, flags }) => {
    const functions = bySysfs.get(registerBase)?.functions;
    return { registerBase, flags, functions };
  });
  const known = new Set(logged.map((one) => one.registerBase));
  const others = units.filter(
    ({ registerBase: base }) => base > 0 && base % 0x1000 === 0 && !known.has(base),
  );
  return [
    ...logged,
    ...others.map(({ registerBase, functions }) => ({ registerBase, flags: undefined, functions })),
  ];
}

function drhdOf(unit: KnownUnit, index: number, inferred: InferenceList): DmarStructure {
  const { registerBase, flags, functions } = unit;
  const path = `/units/${index}`;
  if (functions !== undefined && functions.length > 0) {
    const { segment, scopes } = scopesOf(functions);
    const reason = 'those that /sys lists behind it; whom else the table names is not known';
    inferred.add(path, scopes.length === 1 ? '1 function' : `${scopes.length} functions`, reason);
    return { type: 'DRHD', flags: (flags ?? 0) & 0xff, segment, registerBase, scopes };
  }
  inferred.add(`${path}/segment`, '0', 'the kernel does not print it');
  if (flags === undefined) {
    inferred.add(path, 'no function', 'nothing says which it has');
  } else if ((flags & 1) === 0) {
    inferred.add(path, 'no function', 'it has functions of its own, which the kernel does not print');
  }
  return { type: 'DRHD', flags: (flags ?? 0) & 0xff, segment: 0, registerBase, scopes: [] };
}

/** Functions of one segment, that of the first; each is named by the bus on which it stands. */
function scopesOf(names: readonly string[]): { readonly segment: number; readonly scopes: DeviceScope[] } {
  const places = names.flatMap((name) => {
    const place = parseFunctionName(name);
    return place === undefined || place.segment > LAST_SEGMENT ? [] : [place];
  });
  const segment = places[0]?.segment ?? 0;
  const here = places.filter((one) => one.segment === segment).slice(0, MAX_SCOPES);
  const scopes = here.map(({ bus, device, fn }): DeviceScope => {
    return { type: SCOPE_ENDPOINT, enumerationId: 0, startBus: bus, path: [{ device, fn }] };
  });
  return { segment, scopes };
}

/** What groups reserve, each range once with all its functions, and what the log has besides. */
function reservedMemoryOf({ boot, direct = [] }: DmarEvidence, inferred: InferenceList): DmarStructure[] {
  const ranges = new Map<string, { base: number; limit: number; names: Set<string> }>();
  const rangeAt = (base: number, limit: number): { names: Set<string> } => {
    const key = `${base}-${limit}`;
    const range = ranges.get(key) ?? { base, limit, names: new Set<string>() };
    ranges.set(key, range);
    return range;
  };
  for (const { start, end, functions } of direct) {
    const { names } = rangeAt(start, end - 1);
    for (const name of functions) names.add(name);
  }
  for (const { base, limit } of boot?.reservedMemory ?? []) rangeAt(base, limit);
  // Other memory is mapped so, too, for the sake of a function; only what the table reserves stands in it.
  for (const { base, limit, name } of boot?.identityMaps ?? []) {
    ranges.get(`${base}-${limit}`)?.names.add(name);
  }
  const nobodys = [...ranges.values()].filter(({ names }) => names.size === 0).length;
  if (nobodys > 0) {
    const value = `${nobodys} ranges of reserved memory for no device`;
    inferred.add('/dmar', value, 'the kernel does not print for which devices they are');
  }
  return [...ranges.values()].map(({ base, limit, names }): DmarStructure => {
    return { type: 'RMRR', base, limit, ...scopesOf([...names]) };
  });
}

function furtherStructures(boot: LoggedBoot): DmarStructure[] {
  return [
    ...boot.rootPortAts.map(({ flags }): DmarStructure => ({ type: 'ATSR', flags, segment: 0, scopes: [] })),
    ...boot.proximity.map(({ registerBase, domain }): DmarStructure => {
      return { type: 'RHSA', registerBase, proximityDomain: domain };
    }),
    ...boot.acpiDevices.map(({ number, name }): DmarStructure => {
      return { type: 'ANDD', deviceNumber: number, name };
    }),
    ...boot.integratedAts.map(({ flags }): DmarStructure => {
      return { type: 'SATC', flags, segment: 0, scopes: [] };
    }),
  ];
}
