import { Placeholders, redactConfigSpace } from '@quiesce/capture';
import {
  bytesToHex,
  functionName,
  hexToBytes,
  type ImportedCapture,
  type ImportNote,
  type Machine,
} from '@quiesce/machine';
import type { FunctionConfig } from '../reported/config-spaces.ts';
import type { Difference } from '../reported/difference.ts';
import type { UnitRegisters } from '../reported/unit-registers.ts';
import type { GuestCapture } from './capture-guest.ts';
import type { GuestHardware } from './guest-hardware.ts';

const HEADER_BYTES = 64;
const LIVE = 'the device sets this bit while it works';
/** Status, of which bit 3 is Interrupt Status (PCIe 7.5.1.1.4). */
const STATUS = 0x06;
const INTERRUPT_STATUS = 0x08;

/** Who took a capture. */
export type CaptureTaker = 'root' | 'user';

/**
 * In what an imported capture differs from the hardware that it was taken of, and from what the kernel said beside it: config
 * spaces byte by byte, BAR sizes, drivers, groups, tables, registers of units. Of an ordinary user's, that it says what
 * could not be read, and has nothing beyond the first 64 bytes.
 */
export function compareCapture(
  { hardware, kernelFunctions }: GuestCapture,
  { machine, host, notes }: ImportedCapture,
  taker: CaptureTaker,
): Difference[] {
  const found: Difference[] = [];
  const equal = (at: string, expected: string, reported: string): void => {
    if (expected !== reported) found.push({ at, expected, reported });
  };
  if (machine === undefined) return [{ at: 'machine', expected: 'one', reported: 'none' }];
  const imported = new Map(machine.functions.map((one) => [one.name, one]));
  const placeholders = new Placeholders();
  for (const one of hardware.functions) {
    const name = nameOf(one);
    const theirs = imported.get(name);
    imported.delete(name);
    if (theirs === undefined) {
      equal(name, 'a function', 'none');
      continue;
    }
    const bytes = taker === 'user' ? one.config.subarray(0, HEADER_BYTES) : one.config;
    const captured = isInferredBehind(name, machine)
      ? theirs.config.slice(0, 2 * HEADER_BYTES)
      : theirs.config;
    found.push(...compareBytes(name, redactConfigSpace(bytes, placeholders), captured));
    equal(`${name} BAR sizes`, sizesText(one.barSizes), sizesText(theirs.barSizes));
  }
  for (const name of imported.keys()) equal(name, 'none', 'a function');
  for (const { name, driver, group } of kernelFunctions) {
    equal(`${name} driver`, `${driver}`, `${host.drivers[name]?.value}`);
    equal(`${name} group`, `${group}`, `${host.iommuGroups[name]?.value}`);
  }
  for (const [index, unit] of hardware.units.entries()) {
    equal(`unit ${index}`, unitText(unit), unitText(machine.units[index]));
  }
  if (taker === 'root') {
    equal('DMAR', tableText(hardware.tables.get('DMAR')), machine.dmar ?? 'none');
  } else {
    found.push(...unsaid(hardware, notes, machine));
  }
  return found;
}

/** Nothing behind the header is given as read. */
function isInferredBehind(name: string, { functions, inferred }: Machine): boolean {
  const path = `/functions/${functions.findIndex((one) => one.name === name)}/config`;
  const said = inferred.filter((one) => one.path === path).map(({ value }) => value);
  const first = `0x${HEADER_BYTES.toString(16)}`;
  return said.some((value) => value.startsWith(`${first}..`) || value.includes(`, ${first}..`));
}

/** One difference for each run of bytes. */
function compareBytes(name: string, ours: Uint8Array, hex: string): Difference[] {
  const theirs = hexToBytes(hex) ?? new Uint8Array();
  if (ours.length !== theirs.length) {
    const at = `${name} config space`;
    return [{ at, expected: `${ours.length} bytes`, reported: `${theirs.length} bytes` }];
  }
  const found: Difference[] = [];
  for (let start = 0; start < ours.length; start++) {
    let end = start;
    while (end < ours.length && ours[end] !== theirs[end]) end++;
    if (end === start) continue;
    const changed = (ours[start] as number) ^ (theirs[start] as number);
    found.push({
      at: `${name} byte 0x${start.toString(16)}`,
      expected: bytesToHex(ours.subarray(start, end)),
      reported: bytesToHex(theirs.subarray(start, end)),
      ...(start === STATUS && end === start + 1 && changed === INTERRUPT_STATUS ? { reason: LIVE } : {}),
    });
    start = end;
  }
  return found;
}

/** What an ordinary user cannot read, and that a capture must say. */
function unsaid(
  { functions, tables }: GuestHardware,
  notes: readonly ImportNote[],
  machine: Machine,
): Difference[] {
  const paths = [
    ...functions.map((one) => `sys/bus/pci/devices/${nameOf(one)}/config`),
    ...[...tables.keys()].map((signature) => `sys/firmware/acpi/tables/${signature}`),
    'proc/iomem',
  ];
  const unread = notes.filter(({ message }) => message.startsWith('could not be read'));
  const told = new Set(unread.map(({ file }) => file));
  const found = paths
    .filter((path) => !told.has(path))
    .map((path) => ({ at: path, expected: 'a note that it could not be read', reported: 'none' }));
  const inferred = new Set(machine.inferred.map(({ path }) => path));
  if (tables.has('DMAR') && !inferred.has('/dmar')) {
    found.push({ at: '/dmar', expected: 'said to be inferred', reported: 'given as read' });
  }
  if (!inferred.has('/memoryMap')) {
    found.push({ at: '/memoryMap', expected: 'said to be inferred', reported: 'given as read' });
  }
  return found;
}

function nameOf({ bus, device, fn }: FunctionConfig): string {
  return functionName({ segment: 0, bus, device, fn });
}

/** Sizes without the zeros at the end: importers list six BARs, whatever the header has. */
function sizesText(sizes: readonly number[]): string {
  return sizes.join(' ').replace(/(?: 0)+$/, '');
}

function tableText(table: Uint8Array | undefined): string {
  return table === undefined ? 'none' : bytesToHex(table);
}

function unitText(unit: UnitRegisters | undefined): string {
  if (unit === undefined) return 'none';
  const { registerBase, version, capability, extendedCapability } = unit;
  return `0x${registerBase.toString(16)} version 0x${version.toString(16)} ${capability} ${extendedCapability}`;
}
