import { ADDRESS_LIMIT } from '@quiesce/simulation';
import type { LineContext } from './boot-log-draft.ts';

const HOST_WIDTH = /Host address width (\d{1,3})$/;
/** `DRHD base: 0x000000fed90000 flags: 0x0`; before 2.6.30 `DRHD (flags: 0x00000000)base: 0x00000000fed90000`. */
const DRHD = /DRHD base: 0x([0-9a-f]{1,16}) flags: (?:0x)?([0-9a-f]{1,8})$/;
const OLD_DRHD = /DRHD \(flags: 0x([0-9a-f]{1,8})\)base: 0x([0-9a-f]{1,16})$/;
/** `dmar0: reg_base_addr …`; `IOMMU 0: reg_base_addr …` before 4.2. */
const REGISTERS =
  /(?:dmar|IOMMU )(\d{1,4}): reg_base_addr ([0-9a-f]{1,16}) ver (\d{1,2}):(\d{1,2}) cap ([0-9a-f]{1,16}) ecap ([0-9a-f]{1,16})$/;
const OLD_REGISTERS =
  /IOMMU ([0-9a-f]{3,16}): ver (\d{1,2}):(\d{1,2}) cap ([0-9a-f]{1,16}) ecap ([0-9a-f]{1,16})$/;
const RMRR = /RMRR base: 0x([0-9a-f]{1,16}) end: 0x([0-9a-f]{1,16})$/;
const FLAGS = /(ATSR|SATC) flags: (?:0x)?([0-9a-f]{1,2})$/;
const RHSA = /RHSA base: 0x([0-9a-f]{1,16}) proximity domain: (?:0x)?([0-9a-f]{1,8})$/;
const ANDD = /ANDD device: (?:0x)?([0-9a-f]{1,2}) name: (\S{1,256})$/;
/** Two blanks stand before the base of an IO-APIC. */
const SOURCE = /(IOAPIC|HPET) id (\d{1,5}) under DRHD base {1,2}0x([0-9a-f]{1,16})(?: IOMMU \d{1,4})?$/;
const AMD_FOUND = /AMD-Vi: Found IOMMU (?:at (\S{1,20}) )?cap 0x([0-9a-f]{1,4})/;
const AMD_FEATURES = /Extended features \(0x([0-9a-f]{1,16})(?:, 0x([0-9a-f]{1,16}))?\)/;
const AMD_DUMP = /AMD-Vi: device: (\S{1,20}) cap: ([0-9a-f]{4}) seg: (\d{1,5})/;
const AMD_MMIO = /mmio-addr: ([0-9a-f]{1,16})/;
const GROUP =
  /^(?:iommu: Adding device (\S{1,20}) to group (\d{1,6})|pci (\S{1,20}): Adding to iommu group (\d{1,6}))$/;

/** `IOMMU: …` before 4.2; with the function first in 5.3 and 5.4. */
const IDENTITY =
  /^(?:(?:IOMMU|DMAR): Setting identity map for device (\S{1,20})|pci (\S{1,20}): DMAR: Setting identity map) \[0x([0-9a-f]{1,16}) - 0x([0-9a-f]{1,16})\]$/;

const remapping =
  /DMAR|dmar[:0-9]|AMD-Vi|INTR-REMAP|Intel-IOMMU|[Ii][Oo][Mm][Mm][Uu]|IRQ remapping|Interrupt-remapping|smmu/;
/** What a line of the inventory has even if some of its characters were lost. */
const inventory = /RHD base|RMRR base|RHSA base|reg_base_addr|proximity domain|under DRHD/;
/** More are printed by hostile machines, or are faults, which are none of the inventory. */
const MAX_LINES_KEPT = 400;

/**
 * Reads a line on remapping. True if nobody else needs to see it.
 */
export function readRemappingLine(message: string, context: LineContext): boolean {
  if (!remapping.test(message) && !message.includes('under DRHD')) {
    return message.includes('AMD-Vi') || readAmdDump(message, context);
  }
  const text = message.trimEnd();
  const { boot, file, line } = context;
  // ACPI's own lines name the table only.
  if (text.startsWith('ACPI: ')) return false;
  if (boot.remappingLines.length < MAX_LINES_KEPT && !text.includes('fault')) {
    boot.remappingLines.push({ value: text.slice(0, 300), file, line });
  }
  const group = GROUP.exec(text);
  if (group !== null) {
    const [name, number] = [group[1] ?? group[3], group[2] ?? group[4]] as [string, string];
    boot.put(boot.iommuGroups, name, { value: Number(number), file, line });
    return true;
  }
  if (text.includes('AMD-Vi')) return readAmd(text, context);
  if (readIdentityMap(text, context)) return true;
  if (readInventory(text, context) || readMode(text, context)) return true;
  if (inventory.test(text)) {
    const message = `damaged line of the remapping inventory, not used: ${JSON.stringify(text.slice(0, 90))}`;
    context.notes.add(message, { line });
    return true;
  }
  return false;
}

function readIdentityMap(text: string, context: LineContext): boolean {
  const match = text.includes('identity map') ? IDENTITY.exec(text) : null;
  if (match === null) return false;
  const { boot, line } = context;
  const [base, limit] = [address(match[3], context), address(match[4], context)];
  if (base === undefined || limit === undefined || limit < base) return true;
  boot.add(boot.identityMaps, { name: (match[1] ?? match[2]) as string, base, limit, line });
  return true;
}

function readInventory(text: string, context: LineContext): boolean {
  const { boot, line } = context;
  let match = DRHD.exec(text) ?? undefined;
  const old = match === undefined ? OLD_DRHD.exec(text) : null;
  if (match !== undefined || old !== null) {
    const base = unitAddress(match?.[1] ?? old?.[2], context);
    if (base === undefined) return true;
    intel(context);
    boot.unitAt(base, line).flags = Number.parseInt((match?.[2] ?? old?.[1]) as string, 16);
    return true;
  }
  match = REGISTERS.exec(text) ?? undefined;
  if (match !== undefined) {
    const [, index, base, major, minor, cap, ecap] = match as unknown as string[];
    return readRegisters(context, Number(index), base, major, minor, cap, ecap);
  }
  match = OLD_REGISTERS.exec(text) ?? undefined;
  if (match !== undefined) {
    const [, base, major, minor, cap, ecap] = match as unknown as string[];
    return readRegisters(context, undefined, base, major, minor, cap, ecap);
  }
  match = SOURCE.exec(text) ?? undefined;
  if (match !== undefined) {
    const registerBase = address(match[3], context);
    if (registerBase === undefined) return true;
    const kind = match[1] === 'HPET' ? 'hpet' : 'io-apic';
    boot.add(boot.interruptSources, { kind, id: Number(match[2]), registerBase, line });
    return true;
  }
  return readOtherStructures(text, context);
}

function readOtherStructures(text: string, context: LineContext): boolean {
  const { boot, line, notes } = context;
  let match = RMRR.exec(text);
  if (match !== null) {
    const base = address(match[1], context);
    const limit = address(match[2], context);
    if (base === undefined || limit === undefined) return true;
    if (limit < base) notes.add('reserved memory ends before it begins; the line is not used', { line });
    else boot.add(boot.reservedMemory, { base, limit, line });
    return true;
  }
  match = FLAGS.exec(text);
  if (match !== null) {
    const flags = Number.parseInt(match[2] as string, 16);
    boot.add(match[1] === 'ATSR' ? boot.rootPortAts : boot.integratedAts, { flags, line });
    return true;
  }
  match = RHSA.exec(text);
  if (match !== null) {
    const registerBase = address(match[1], context);
    const domain = Number.parseInt(match[2] as string, 16);
    if (registerBase !== undefined) boot.add(boot.proximity, { registerBase, domain, line });
    return true;
  }
  match = ANDD.exec(text);
  if (match !== null) {
    const number = Number.parseInt(match[1] as string, 16);
    boot.add(boot.acpiDevices, { number, name: match[2] as string, line });
    return true;
  }
  match = HOST_WIDTH.exec(text);
  if (match === null) return false;
  intel(context);
  boot.hostAddressWidth ??= Number(match[1]);
  return true;
}

function readRegisters(
  context: LineContext,
  index: number | undefined,
  base: string | undefined,
  major: string | undefined,
  minor: string | undefined,
  cap: string | undefined,
  ecap: string | undefined,
): boolean {
  const registerBase = unitAddress(base, context);
  if (registerBase === undefined) return true;
  intel(context);
  const unit = context.boot.unitAt(registerBase, context.line);
  if (index !== undefined) unit.index = index;
  unit.version = (Number(major) & 0xf) * 16 + (Number(minor) & 0xf);
  unit.capability = (cap as string).padStart(16, '0');
  unit.extendedCapability = (ecap as string).padStart(16, '0');
  return true;
}

function readMode(text: string, { boot, file, line }: LineContext): boolean {
  if (text.includes('x2apic opt out bit')) {
    boot.x2apicOptOut = true;
    return true;
  }
  if (/Enabled (?:IRQ remapping|Interrupt-remapping)/.test(text)) {
    boot.interruptRemapping = { value: text.includes('x2apic mode') ? 'x2apic' : 'xapic', file, line };
    return true;
  }
  if (text.includes('Failed to enable irq remapping') || text.includes('IRQ remapping disabled')) {
    boot.interruptRemapping = { value: 'off', file, line };
    return true;
  }
  if (text.includes('Directed I/O') || text.includes('DMAR: IOMMU enabled')) {
    boot.platform ??= { value: 'intel-vt-d', file, line };
    return true;
  }
  if (/^arm-smmu/.test(text)) boot.platform ??= { value: 'smmu', file, line };
  return false;
}

function readAmd(text: string, context: LineContext): boolean {
  const { boot, file, line } = context;
  // This line comes from machines of every maker.
  if (text.includes('not available on this system')) return true;
  boot.platform ??= { value: 'amd-vi', file, line };
  const found = AMD_FOUND.exec(text);
  if (found !== null) {
    const name = found[1] ?? /^pci (\S{1,20}): /.exec(text)?.[1];
    if (name === undefined) return true;
    boot.add(boot.amdUnits, { name, capabilityOffset: Number.parseInt(found[2] as string, 16), line });
    return true;
  }
  const features = AMD_FEATURES.exec(text);
  if (features !== null) {
    const [one, two] = [features[1] as string, features[2]];
    const read = {
      features: one.padStart(16, '0'),
      ...(two === undefined ? {} : { features2: two.padStart(16, '0') }),
    };
    const unit = boot.amdUnits.at(-1);
    if (unit === undefined) boot.amdFeatures ??= { ...read, line };
    else Object.assign(unit, read);
    return true;
  }
  if (/Interrupt remapping enabled/.test(text)) {
    boot.interruptRemapping = { value: 'xapic', file, line };
  } else if (text.includes('X2APIC enabled') || text.includes('x2apic enabled')) {
    boot.interruptRemapping = { value: 'x2apic', file, line };
  }
  return readAmdDump(text, context);
}

/** Lines of `amd_iommu_dump`. */
function readAmdDump(text: string, context: LineContext): boolean {
  if (!text.includes('AMD-Vi')) return false;
  const { boot, line } = context;
  const device = AMD_DUMP.exec(text);
  if (device !== null) {
    const segment = Number(device[3]).toString(16).padStart(4, '0');
    const short = device[1] as string;
    const name = short.length > 8 ? short : `${segment}:${short}`;
    boot.add(boot.amdUnits, { name, capabilityOffset: Number.parseInt(device[2] as string, 16), line });
    return true;
  }
  const registers = AMD_MMIO.exec(text);
  const unit = boot.amdUnits.at(-1);
  if (registers === null || unit === undefined) return true;
  const base = address(registers[1], context);
  if (base !== undefined) unit.registerBase = base;
  return true;
}

function intel({ boot, file, line }: LineContext): void {
  boot.platform ??= { value: 'intel-vt-d', file, line };
}

function address(digits: string | undefined, { notes, line }: LineContext): number | undefined {
  const value = Number.parseInt(digits as string, 16);
  if (value < ADDRESS_LIMIT) return value;
  notes.add(`address 0x${digits} has more than 52 bits; the line is not used`, { line });
  return undefined;
}

function unitAddress(digits: string | undefined, context: LineContext): number | undefined {
  const base = address(digits, context);
  if (base === undefined || (base !== 0 && base % 0x1000 === 0)) return base;
  context.notes.add(`no unit can have its registers at 0x${digits}; the line is not used`, {
    line: context.line,
  });
  return undefined;
}
