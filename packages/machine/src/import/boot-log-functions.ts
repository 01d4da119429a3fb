import { functionName, parseFunctionName } from '../description/function-name.ts';
import { type ExpressEvidence, expressTypesOf } from './boot-log-express.ts';
import type { LoggedBoot, LoggedFunction, LoggedResource } from './boot-record.ts';
import { DecodedSpace } from './lspci-decoded-space.ts';
import type { ListedFunction } from './machine-of-parts.ts';

/** Where the two capabilities are put that a log speaks of; it does not say where they stand. */
const POWER_MANAGEMENT = 0x40;
const EXPRESS = 0x50;

/**
 * The functions that a kernel enumerated, with as much of their config space as its lines say: IDs, class, header type, BARs, bus
 * numbers and windows of bridges, from which states they wake, and their port type.
 */
export function functionsOfBoot(boot: LoggedBoot): ListedFunction[] {
  const types = expressTypesOf(boot);
  const several = devicesOfSeveral(boot.functions);
  // Registers are printed at a level that a console may leave out, and then for no function at all.
  const printsBars = boot.functions.some((one) => one.bars.some((bar) => bar !== undefined));
  return boot.functions.flatMap((one) => {
    const place = parseFunctionName(one.name);
    if (place === undefined) return [];
    const space = new DecodedSpace();
    putHeader(space, one, several.has(functionName({ ...place, fn: 0 })));
    putBars(space, one, printsBars);
    putBuses(space, one, place.bus);
    if (one.headerType === 1) putWindows(space, one);
    putCapabilities(space, one, types.get(one.name));
    const driver = boot.drivers.get(one.name);
    const listed: ListedFunction = {
      ...place,
      name: one.name,
      ...space.combine(undefined),
      regionSizes: Array.from({ length: 6 }, (_, index) => one.bars[index]?.bytes),
      ...(driver === undefined ? {} : { kernelDriver: driver.value }),
      line: one.line,
      file: boot.file,
      // A driver that says nothing while it binds is not in the log.
      driverKnown: driver !== undefined,
    };
    return [listed];
  });
}

/** Names of functions 0 of devices with more functions than one. */
function devicesOfSeveral(functions: readonly LoggedFunction[]): Set<string> {
  const several = new Set<string>();
  for (const { name } of functions) if (!name.endsWith('.0')) several.add(`${name.slice(0, -1)}0`);
  return several;
}

function putHeader(space: DecodedSpace, one: LoggedFunction, severalFunctions: boolean): void {
  const { line } = one;
  space.put(0x00, 2, one.vendorId, 0xffff, line);
  space.put(0x02, 2, one.deviceId, 0xffff, line);
  if (one.programmingInterface) space.put(0x09, 1, one.classCode & 0xff, 0xff, line);
  space.put(0x0a, 2, one.classCode >>> 8, 0xffff, line);
  if (one.command !== undefined) space.put(0x04, 2, one.command.value, 0x0003, one.command.line);
  space.put(0x0e, 1, one.headerType, 0x7f, line);
  if (severalFunctions && one.name.endsWith('.0')) space.assume(0x0e, 1, 0x80, 0x80);
}

function putBars(space: DecodedSpace, one: LoggedFunction, printsBars: boolean): void {
  // A CardBus bridge has one (PCI-to-CardBus Bridge Register Description 1.0).
  const count = one.headerType === 0 ? 6 : one.headerType === 1 ? 2 : 1;
  for (let index = 0; index < count; index++) {
    const bar = one.bars[index];
    const at = 0x10 + 4 * index;
    if (bar === undefined) {
      // The kernel is silent on registers that it takes for none, also where they hold something.
      if (printsBars) space.assume(at, 4, 0, 0xffff_ffff);
      continue;
    }
    space.put(at, 4, barValue(bar), 0xffff_ffff, bar.line);
    if (!bar.is64 || index + 1 >= count) continue;
    space.put(at + 4, 4, Math.floor((bar.base ?? 0) / 2 ** 32), 0xffff_ffff, bar.line);
    index++;
  }
  const { rom } = one;
  if (rom?.base === undefined || one.headerType > 1) return;
  space.put(one.headerType === 0 ? 0x30 : 0x38, 4, rom.base % 2 ** 32, 0xffff_f800, rom.line);
}

/** Low half of a BAR (PCI 3.0, 6.2.5.1). */
function barValue({ kind, is64, prefetchable, base = 0 }: LoggedResource): number {
  const low = base % 2 ** 32;
  if (kind === 'io') return low - (low % 4) + 1;
  return low - (low % 16) + (is64 ? 4 : 0) + (prefetchable ? 8 : 0);
}

/** Of bridges to PCI and to CardBus. */
function putBuses(space: DecodedSpace, { buses }: LoggedFunction, bus: number): void {
  if (buses === undefined) return;
  space.put(0x18, 1, bus, 0xff, buses.line);
  space.put(0x19, 1, buses.secondary, 0xff, buses.line);
  space.put(0x1a, 1, buses.subordinate, 0xff, buses.line);
}

/** Windows of a bridge (PCI-to-PCI Bridge Architecture 1.2, 3.2.5). One that is not printed is closed. */
function putWindows(space: DecodedSpace, one: LoggedFunction): void {
  for (const window of one.windows) {
    if (window.base === undefined) continue;
    putWindow(space, window, window.base, window.base + window.bytes - 1);
  }
  space.assume(0x1c, 2, 0x00f0, 0xffff);
  space.assume(0x20, 4, 0x0000_fff0, 0xffff_ffff);
  space.assume(0x24, 4, 0x0000_fff0, 0xffff_ffff);
}

function putWindow(space: DecodedSpace, window: LoggedResource, base: number, limit: number): void {
  const { kind, prefetchable, is64, line } = window;
  if (kind === 'io') {
    // The low digit of each says whether there are upper halves.
    space.put(0x1c, 1, base >>> 8, 0xf0, line);
    space.put(0x1d, 1, limit >>> 8, 0xf0, line);
    if (limit < 0x1_0000) return;
    space.assume(0x1c, 2, 0x0101, 0x0f0f);
    space.put(0x30, 2, Math.floor(base / 0x1_0000), 0xffff, line);
    space.put(0x32, 2, Math.floor(limit / 0x1_0000), 0xffff, line);
    return;
  }
  const at = prefetchable ? 0x24 : 0x20;
  const type = prefetchable && is64 ? 1 : 0;
  space.put(at, 2, Math.floor((base % 2 ** 32) / 0x10_0000) * 16 + type, 0xffff, line);
  space.put(at + 2, 2, Math.floor((limit % 2 ** 32) / 0x10_0000) * 16 + type, 0xffff, line);
  if (!prefetchable) return;
  space.put(0x28, 4, Math.floor(base / 2 ** 32), 0xffff_ffff, line);
  space.put(0x2c, 4, Math.floor(limit / 2 ** 32), 0xffff_ffff, line);
}

const wakeStates = ['D0', 'D1', 'D2', 'D3hot', 'D3cold'];

function putCapabilities(
  space: DecodedSpace,
  one: LoggedFunction,
  express: ExpressEvidence | undefined,
): void {
  const hasPower = one.wakesFrom !== undefined;
  if (!hasPower && express === undefined) return;
  space.assume(0x06, 2, 0x10, 0x10);
  space.assume(0x34, 1, hasPower ? POWER_MANAGEMENT : EXPRESS, 0xff);
  if (hasPower) {
    const states = (one.wakesFrom as string).split(' ');
    const wakes = wakeStates.reduce((bits, state, bit) => bits | (states.includes(state) ? 1 << bit : 0), 0);
    space.assume(POWER_MANAGEMENT, 2, 0x01 + (express === undefined ? 0 : EXPRESS * 0x100), 0xffff);
    space.put(POWER_MANAGEMENT + 2, 2, wakes << 11, 0xf800, one.line);
    space.assume(POWER_MANAGEMENT + 2, 2, 3, 0x07ff);
  }
  if (express === undefined) return;
  space.assume(EXPRESS, 2, 0x10, 0xffff);
  if (express.line === undefined) space.assume(EXPRESS + 2, 1, express.type << 4, 0xf0);
  else space.put(EXPRESS + 2, 1, express.type << 4, 0xf0, express.line);
  space.assume(EXPRESS + 2, 2, 2, 0xffff);
}
