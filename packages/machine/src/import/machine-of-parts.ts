import type { EndpointKind } from '@quiesce/pcie-model';
import { bytesToHex } from '../build/config-bytes.ts';
import { CapturedTopology } from '../description/captured-topology.ts';
import { checkTopology } from '../description/check-topology.ts';
import { ConfigReader, capturedBars } from '../description/config-reader.ts';
import type { ImportNote, Machine, MachineFunction } from '../description/machine.ts';
import type { AcpiDump } from './acpi-dump.ts';
import { assumeExpressPorts } from './assume-express-ports.ts';
import { assumeMessageInterrupts } from './assume-message-interrupts.ts';
import { iomemOfBoot } from './boot-log-iomem.ts';
import type { AmdFeatures, LoggedBoot } from './boot-record.ts';
import { importRemapping } from './import-remapping.ts';
import { barSizesOf, RegionIndex } from './infer-bar-sizes.ts';
import { listInferredBytes } from './infer-config-bytes.ts';
import { endpointFor, endpointReason } from './infer-endpoint.ts';
import { rootComplexesOf } from './infer-root-complexes.ts';
import { InferenceList } from './inference-list.ts';
import type { Iomem } from './iomem.ts';
import type { LspciFunction } from './lspci.ts';
import { memoryMapOf } from './memory-regions.ts';
import { noteUnknownBuses } from './note-unknown-buses.ts';
import { physicalFunctionsOf } from './physical-functions.ts';
import { processorsOf } from './processor-count.ts';
import type { DirectRegion } from './sysfs-unit-scopes.ts';
import type { UnitRegisters } from './unit-registers.ts';

/** A function, and which source it came from. */
export interface ListedFunction extends LspciFunction {
  readonly file: string;
  /** The source names drivers, so that a function without one has none. */
  readonly driverKnown: boolean;
  /** Where the driver stands, if in another file. */
  readonly driverFile?: string;
  /** Of a virtual function: the physical one, as `/sys` names it. */
  readonly physicalFunction?: string;
}

/** What sources of one machine, parsed and merged, come to. */
export interface MachineParts {
  readonly functions: readonly ListedFunction[];
  readonly acpi?: AcpiDump;
  readonly iomem?: Iomem;
  /** A boot of this machine, for what no better source has. */
  readonly boot?: LoggedBoot;
  /** Registers of VT-d units that a source has read, e.g. `/sys/class/iommu`; they go before those of the log. */
  readonly unitRegisters?: readonly UnitRegisters[];
  /** Features that `/sys/class/iommu` shows of every AMD unit. */
  readonly amdFeatures?: AmdFeatures;
  /** Names of functions by name of the unit to which the kernel gave them, `ivhd0`. */
  readonly amdFunctions?: ReadonlyMap<string, readonly string[]>;
  /** What IOMMU groups reserve in `/sys/kernel/iommu_groups`. */
  readonly directRegions?: readonly DirectRegion[];
  /** What the parsers noted. */
  readonly notes: readonly ImportNote[];
  /** The first kernel was told to run its units in scalable mode. */
  readonly scalable?: boolean;
  /** Processors that a source shows online, for where neither a boot log nor the table APIC says it. */
  readonly processors?: number;
  /** Bytes reserved for the crash kernel, where a source says it. */
  readonly crashKernelBytes?: number;
  /** Kinds of sources, for the description. */
  readonly from: readonly string[];
}

/**
 * Makes a machine of what was read. What it lacks is inferred and listed.
 * @throws UserError `MACHINE_DUPLICATE`, `MACHINE_BUS`, `MACHINE_BUS_LOOP` if the bridges make no tree
 */
export function machineOfParts(
  parts: MachineParts,
  {
    name,
    files,
  }: { readonly name: string; readonly files: { readonly lspci: string; readonly acpi: string } },
): Machine {
  const { acpi, boot } = parts;
  const iomem = parts.iomem?.readable === true || boot === undefined ? parts.iomem : iomemOfBoot(boot);
  checkTopology(parts.functions, files.lspci);
  const inferred = new InferenceList();
  const notes: ImportNote[] = [...parts.notes];
  const listed = assumeMessageInterrupts(assumeExpressPorts(parts.functions, notes), notes);
  noteUnknownBuses(listed, notes);
  const regions = iomem?.regions ?? [];
  const functions = functionsOf(listed, new RegionIndex(regions), inferred, notes);
  const remapping = importRemapping(
    listed,
    {
      ...{ acpi, boot, registers: parts.unitRegisters, direct: parts.directRegions },
      amdFeatures: parts.amdFeatures,
      amdFunctions: parts.amdFunctions,
    },
    inferred,
    notes,
    acpi === undefined && boot !== undefined ? boot.file : files.acpi,
  );
  const dumpTarget = dumpTargetOf(functions, inferred);
  if (dumpTarget === undefined) {
    notes.push({ file: files.lspci, message: 'no disk controller: there is nothing to write a dump to' });
  }
  inferred.add('/platform', 'nothing is escalated', 'no capture says what the chipset makes of an error');
  inferred.add('/workload', 'interrupts stay on', 'no capture says what the machine was doing');
  return {
    schema: 'quiesce/machine/1',
    name,
    description: descriptionOf({ ...parts, functions: listed }),
    functions,
    rootComplexes: rootComplexesOf(listed, acpi, regions, inferred, boot?.hostBridges),
    units: remapping.units,
    ...(remapping.dmar === undefined ? {} : { dmar: remapping.dmar }),
    memoryMap: memoryMapOf(regions, remapping.reserved, lowestMmio(listed), inferred, parts.crashKernelBytes),
    platform: { systemError: 'none', remappingFault: 'none', masterAbortIsSystemError: false },
    ...(dumpTarget === undefined ? {} : { dumpTarget }),
    workload: { interrupts: true, intensity: 1 },
    processors: processorsOf(acpi, inferred, boot, parts.processors),
    scalable: parts.scalable === true,
    inferred: inferred.all,
    notes,
  };
}

/** A machine whose config space was made of words is not what its hardware holds, and says so first. */
function descriptionOf({ functions, from }: MachineParts): string {
  const rebuilt = functions.filter(({ decoded }) => decoded?.some(({ start }) => start < 0x40)).length;
  const said = `${functions.length} functions imported from ${from.join(', ')}`;
  return rebuilt === 0 ? said : `${said}; config space of ${rebuilt} rebuilt from words, not read as bytes`;
}

function functionsOf(
  listed: readonly ListedFunction[],
  regions: RegionIndex,
  inferred: InferenceList,
  notes: ImportNote[],
): MachineFunction[] {
  const physical = physicalFunctionsOf(listed);
  const names = new Set(listed.map(({ name }) => name));
  const topology = new CapturedTopology(listed);
  let idle = 0;
  const functions = listed.map((one, index): MachineFunction => {
    const path = `/functions/${index}`;
    const config = new ConfigReader(one.bytes);
    if (config.isAbsent) {
      const message = `${one.name} was powered off when it was captured: all of it reads ff`;
      notes.push({ file: one.file, line: one.line, message });
    }
    listInferredBytes(one, path, inferred);
    const endpoint = endpointFor(config, topology.isOnRootBus(one.segment, one.bus));
    if (endpoint.kind === 'idle') idle++;
    else inferred.add(`${path}/endpoint`, endpoint.kind, endpointReason(config, endpoint.kind));
    const physicalFunction = physical.get(one.name) ?? namedPhysical(one, names);
    return {
      name: one.name,
      config: bytesToHex(one.bytes),
      barSizes: barSizesOf(config, one.name, one.regionSizes, regions, path, inferred),
      endpoint,
      ...(physicalFunction === undefined ? {} : { physicalFunction }),
      driver: driverOf(one, endpoint.kind, path, inferred),
      ...(one.label === undefined ? {} : { label: one.label }),
    };
  });
  if (idle > 0)
    inferred.add('/functions', `${idle} are idle`, 'bridges, and classes without an engine: they do no DMA');
  return functions;
}

/** What a link in `/sys` names, if the machine has it: without root the capability that says it cannot be read. */
function namedPhysical({ physicalFunction }: ListedFunction, names: ReadonlySet<string>): string | undefined {
  return physicalFunction !== undefined && names.has(physicalFunction) ? physicalFunction : undefined;
}

function driverOf(
  one: ListedFunction,
  kind: EndpointKind,
  path: string,
  inferred: InferenceList,
): MachineFunction['driver'] {
  const first = one.driverKnown ? one.kernelDriver !== undefined : kind !== 'idle';
  // Initial file systems of second kernels come without graphics drivers.
  const second = first && kind !== 'scan-out';
  if (kind !== 'idle') {
    if (!one.driverKnown)
      inferred.add(`${path}/driver/first`, String(first), 'lspci without -v does not name drivers');
    const reason = 'the second kernel is taken to have the drivers of the first, without graphics';
    inferred.add(`${path}/driver/second`, String(second), reason);
  }
  return { first, second };
}

const diskControllers: readonly EndpointKind[] = ['ahci', 'nvme', 'mpt'];

/** The first controller whose kind the model can write a dump to, or else the first of mass storage. */
function dumpTargetOf(functions: readonly MachineFunction[], inferred: InferenceList): string | undefined {
  const modelled = functions.filter((one) => diskControllers.includes(one.endpoint.kind));
  // Base class 1 at offset 0x0b.
  const others = functions.filter((one) => one.config.slice(0x16, 0x18) === '01');
  const target = modelled.find((one) => one.driver.second) ?? modelled[0] ?? others[0];
  if (target === undefined) return undefined;
  const idle = target.endpoint.kind === 'idle' ? ', of a kind that the model has no engine for' : '';
  inferred.add('/dumpTarget', target.name, `the first disk controller${idle}`);
  return target.name;
}

/** Lowest address below 4 GiB at which a BAR or a bridge window stands. */
function lowestMmio(functions: readonly LspciFunction[]): number {
  let lowest = 0xfec0_0000;
  for (const one of functions) {
    const config = new ConfigReader(one.bytes);
    for (const { kind, address } of capturedBars(config)) {
      if (kind !== 'io' && address >= 0x10_0000 && address < lowest) lowest = address;
    }
    const window = config.isBridge ? (config.u16(0x20) & 0xfff0) * 0x1_0000 : 0;
    if (window !== 0 && (config.u16(0x22) & 0xfff0) * 0x1_0000 >= window && window < lowest) lowest = window;
  }
  return lowest;
}
