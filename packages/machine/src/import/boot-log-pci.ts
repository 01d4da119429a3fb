import { ADDRESS_LIMIT } from '@quiesce/simulation';
import { parseFunctionName } from '../description/function-name.ts';
import { type BootDraft, type FunctionDraft, type LineContext, MAX_SEARCHED } from './boot-log-draft.ts';
import { readInterfaceLine } from './boot-log-interfaces.ts';
import type { LoggedResource } from './boot-record.ts';
import { parseLoggedResource } from './logged-resource.ts';

const PREFIX = /^([a-z][\w-]{0,40}) ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]): (.*)$/;
/** Printed class: base, sub-class and interface since 3.3; before, with one digit of type, without the interface. */
const FOUND =
  /^\[([0-9a-f]{4}):([0-9a-f]{4})\] type ([0-9a-f]{1,2}) class 0x([0-9a-f]{4,8})(?: (conventional PCI|PCI|PCIe\b).*)?$/;
const OLD_FOUND = /^found \[([0-9a-f]{4}):([0-9a-f]{4})\] class ([0-9a-f]{6}) header type ([0-9a-f]{2})$/;
/** Before 2.6.33 what kind it is stands before the brackets: `reg 10 64bit mmio: [0x…-0x…]`. */
const REGISTER =
  /^(?:reg (?:0x)?([0-9a-f]{2})|BAR ([0-5])|(ROM)):? ?((?:32|64)bit mmio(?: pref)?|io port)?:? ?(\[.*)$/;
const ASSIGNED =
  /^(?:BAR (\d{1,2}):? (?:assigned (\[.*\])|(\[.*\]): assigned)|bridge window (\[.*\]): assigned)/;
const BRIDGE = /^(?:PCI|CardBus) bridge to \[bus ([0-9a-f]{2})(?:-([0-9a-f]{2}))?\]/;
const OLD_BRIDGE = /^(?:PCI|CardBus) bridge, secondary bus [0-9a-f]{4}:([0-9a-f]{2})$/;
const WINDOW = /^ {0,4}bridge window (\[.*\])$/;
const WAKES = /^PME# supported from ((?:D[0-3](?:hot|cold)? ?){1,5})$/;
const VIRTUAL = /contains BAR\s?\d for (\d{1,5}) VFs/;
const NVME = /^nvme (nvme\d{1,4}): pci function ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])$/;
const HOST_BRIDGE = /PCI host bridge to bus ([0-9a-f]{4,8}):([0-9a-f]{2})$/;
const ROOT_BRIDGE =
  /^ACPI: PCI Root Bridge \[[^\]]{1,8}\] \(domain ([0-9a-f]{4}) \[bus ([0-9a-f]{2})(?:-([0-9a-f]{2}))?\]\)/;
const ROOT_BUS =
  /^pci_bus ([0-9a-f]{4,8}):([0-9a-f]{2}): root bus resource \[(?:bus ([0-9a-f]{2})(?:-([0-9a-f]{2}))?|mem 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})(?: [^\]]{0,40})?)\]/;

/** Words of the port types that Linux 6.9 and later print, by Device/Port Type (PCI Express 7.5.3.2). */
const expressTypes: readonly (readonly [string, number])[] = [
  ['PCIe Endpoint', 0],
  ['PCIe Legacy Endpoint', 1],
  ['PCIe Root Port', 4],
  ['PCIe Switch Upstream Port', 5],
  ['PCIe Switch Downstream Port', 6],
  ['PCIe to PCI/PCI-X bridge', 7],
  ['PCI/PCI-X to PCIe bridge', 8],
  ['PCIe Root Complex Integrated Endpoint', 9],
  ['PCIe Root Complex Event Collector', 10],
];

/** Reads a line on a function, a host bridge or the driver of a function. True if nobody else needs to see it. */
export function readPciLine(message: string, context: LineContext): boolean {
  if (message.startsWith('pci_bus ')) return readRootBus(message, context);
  if (message.includes('PCI host bridge to bus ')) return readHostBridge(message, context);
  const first = message.charCodeAt(0);
  if (first === 0x41) return message.startsWith('ACPI: PCI Root Bridge ') && readRootBridge(message, context);
  if (first < 0x61 || first > 0x7a) return false;
  if (message.startsWith('nvme nvme')) return readNvme(message, context);
  const colon = message.indexOf(':');
  // The name's first colon stands within a few words of the beginning.
  if (colon < 5 || colon > 60) return false;
  const match = PREFIX.exec(message);
  if (match === null) {
    if (message.startsWith('pci ')) noteDamage(message, context);
    return readInterfaceLine(message, context);
  }
  const [, driver, name, text] = match as unknown as [string, string, string, string];
  const { boot, file, line } = context;
  if (driver !== 'pci') {
    boot.put(boot.drivers, name, { value: driver, file, line });
    return readUnderDriver(name, text, context);
  }
  return readFunction(name, text, context);
}

/** This driver says its own device's name first. */
function readNvme(message: string, { boot, file, line }: LineContext): boolean {
  const [, controller, name] = NVME.exec(message.trimEnd()) ?? [];
  if (name === undefined || controller === undefined) return false;
  boot.put(boot.nvmeControllers, controller, { value: name, file, line });
  boot.put(boot.drivers, name, { value: 'nvme', file, line });
  return true;
}

function noteDamage(message: string, { notes, line }: LineContext): void {
  // `pci 0000:00     : [PE# 00] …` of POWER names buses; other lines name nothing at all.
  if (!/^pci [0-9a-f:. ]{3,14}:/.test(message) || message.includes('[PE#')) return;
  notes.add(`damaged line on a function, not used: ${JSON.stringify(message.slice(0, 80))}`, { line });
}

function readFunction(name: string, text: string, context: LineContext): boolean {
  const first = text.charCodeAt(0);
  if (first === 0x5b || first === 0x66) return readFound(name, text.trimEnd(), context);
  const draft = context.boot.functionAt(name);
  if (draft === undefined) return false;
  if (readResource(draft, text, context.line)) return true;
  const bridge = BRIDGE.exec(text) ?? OLD_BRIDGE.exec(text);
  if (bridge !== null) {
    const secondary = Number.parseInt(bridge[1] as string, 16);
    const subordinate = bridge[2] === undefined ? secondary : Number.parseInt(bridge[2], 16);
    // Printed again after assignment: the last is what the registers have.
    if (subordinate >= secondary) draft.buses = { secondary, subordinate, line: context.line };
    return true;
  }
  const wakes = WAKES.exec(text.trimEnd());
  if (wakes !== null) {
    draft.wakesFrom = (wakes[1] as string).trim();
    return true;
  }
  if (text.startsWith('Video device with shadowed ROM') || text.includes('setting as boot VGA device')) {
    draft.bootDisplay = true;
    return true;
  }
  const virtual = text.startsWith('VF') ? VIRTUAL.exec(text) : null;
  if (virtual !== null) draft.virtualFunctions = Number(virtual[1]);
  return virtual !== null;
}

const ENABLING = /^enabling device \([0-9a-f]{4} -> ([0-9a-f]{4})\)/;

/** A driver may move registers: those of its device when it makes a BAR larger, and of the bridges above. */
function readUnderDriver(name: string, text: string, { boot, line }: LineContext): boolean {
  const draft = boot.functionAt(name);
  if (draft === undefined) return false;
  const enabling = text.charCodeAt(0) === 0x65 ? ENABLING.exec(text) : null;
  if (enabling !== null) {
    draft.command = { value: Number.parseInt(enabling[1] as string, 16), line };
    return true;
  }
  return readResource(draft, text, line);
}

function readFound(name: string, text: string, context: LineContext): boolean {
  const { boot, notes, line } = context;
  const match = FOUND.exec(text);
  const old = match === null ? OLD_FOUND.exec(text) : null;
  if (match === null && old === null) {
    if (text.charCodeAt(0) === 0x5b && /^\[[0-9a-f]{4}:/.test(text)) {
      notes.add(`damaged line on ${name}, not used: ${JSON.stringify(text.slice(0, 80))}`, { line });
    }
    return false;
  }
  if (parseFunctionName(name) === undefined) return false;
  const typeDigits = (match?.[3] ?? old?.[4]) as string;
  if ((Number.parseInt(typeDigits, 16) & 0x7f) > 2) {
    notes.add(`${name} has a header of type ${typeDigits}: it did not answer, and is left out`, { line });
    return true;
  }
  const classDigits = (match?.[4] ?? old?.[3]) as string;
  const programmingInterface = old === null && typeDigits.length === 2;
  const printed = Number.parseInt(classDigits, 16);
  const expressType = expressTypeOf(text);
  boot.addFunction({
    name,
    vendorId: Number.parseInt((match?.[1] ?? old?.[1]) as string, 16),
    deviceId: Number.parseInt((match?.[2] ?? old?.[2]) as string, 16),
    headerType: Number.parseInt(typeDigits, 16) & 0x7f,
    classCode: (programmingInterface ? printed : printed * 0x100) % 0x100_0000,
    programmingInterface,
    ...(expressType === undefined ? {} : { expressType }),
    bars: [],
    windows: [],
    bootDisplay: false,
    line,
  });
  return true;
}

function expressTypeOf(text: string): number | 'conventional' | undefined {
  if (text.includes(' conventional PCI')) return 'conventional';
  const at = text.indexOf(' PCI', 20);
  if (at < 0) return undefined;
  const words = text.slice(at + 1);
  return expressTypes.find(([known]) => known === words)?.[1];
}

function readResource(draft: FunctionDraft, text: string, line: number): boolean {
  const register = REGISTER.exec(text);
  if (register !== null) {
    const offset = register[1] === undefined ? undefined : Number.parseInt(register[1], 16);
    const index = offset === undefined ? Number(register[2] ?? 6) : (offset - 0x10) / 4;
    const resource = parseLoggedResource(register[5] as string, line, register[4]);
    if (resource === undefined) return true;
    if (offset === 0x30 || offset === 0x38 || register[3] !== undefined) draft.rom = resource;
    else if (Number.isInteger(index) && index < 6) draft.bars[index] = resource;
    return true;
  }
  const window = text.charCodeAt(0) === 0x20 || text.charCodeAt(0) === 0x62 ? WINDOW.exec(text) : null;
  if (window !== null) {
    const resource = parseLoggedResource(window[1] as string, line);
    if (resource !== undefined) addWindow(draft, resource);
    return true;
  }
  const assigned = text.includes('assigned') ? ASSIGNED.exec(text) : null;
  if (assigned === null) return false;
  const resource = parseLoggedResource((assigned[2] ?? assigned[3] ?? assigned[4]) as string, line);
  if (resource === undefined) return true;
  const index = Number(assigned[1] ?? 7);
  if (index < 6) draft.bars[index] = resource;
  else if (index === 6) draft.rom = resource;
  // Above the ROM stand a bridge's windows, or BARs of virtual functions.
  else if (draft.headerType === 1) addWindow(draft, resource);
  return true;
}

/** A bridge has one window of each kind; the last line on it counts. */
function addWindow(draft: FunctionDraft, resource: LoggedResource): void {
  const isSame = (one: LoggedResource): boolean =>
    one.kind === resource.kind && one.prefetchable === resource.prefetchable;
  draft.windows = [...draft.windows.filter((one) => !isSame(one)), resource];
}

function readHostBridge(message: string, context: LineContext): boolean {
  const match = HOST_BRIDGE.exec(message.trimEnd());
  if (match === null) return false;
  hostBridgeAt(context, match[1] as string, match[2] as string);
  return true;
}

/** Printed by every kernel with ACPI; which buses a root bus resource names, only by those since 3.2. */
function readRootBridge(message: string, context: LineContext): boolean {
  const match = ROOT_BRIDGE.exec(message);
  if (match === null) return false;
  const bridge = hostBridgeAt(context, match[1] as string, match[2] as string);
  if (bridge !== undefined) bridge.lastBus ??= Number.parseInt((match[3] ?? match[2]) as string, 16);
  return true;
}

function hostBridgeAt(
  { boot, line }: LineContext,
  segmentDigits: string,
  busDigits: string,
): BootDraft['hostBridges'][number] | undefined {
  const [segment, firstBus] = [Number.parseInt(segmentDigits, 16), Number.parseInt(busDigits, 16)];
  const isHere = (one: { segment: number; firstBus: number }): boolean =>
    one.segment === segment && one.firstBus === firstBus;
  if (!boot.hostBridges.some(isHere)) {
    boot.add(boot.hostBridges, { segment, firstBus, windows: [], line }, MAX_SEARCHED);
  }
  return boot.hostBridges.find(isHere);
}

function readRootBus(message: string, { boot, line }: LineContext): boolean {
  const match = ROOT_BUS.exec(message);
  if (match === null) return false;
  const [segment, firstBus] = [
    Number.parseInt(match[1] as string, 16),
    Number.parseInt(match[2] as string, 16),
  ];
  const bridge = boot.hostBridges.find((one) => one.segment === segment && one.firstBus === firstBus);
  if (bridge === undefined) return true;
  if (match[3] !== undefined) bridge.lastBus = Number.parseInt(match[4] ?? match[3], 16);
  else {
    const [base, limit] = [Number.parseInt(match[5] as string, 16), Number.parseInt(match[6] as string, 16)];
    if (limit >= base && limit < ADDRESS_LIMIT) boot.add(bridge.windows, { base, limit, line });
  }
  return true;
}
