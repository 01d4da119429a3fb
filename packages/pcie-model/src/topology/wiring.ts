import { UserError } from '@quiesce/simulation';
import { barKind, barRegisters } from '../config-space/bar-registers.ts';
import { type1Header } from '../config-space/header-registers.ts';
import { VF_BAR_OFFSET } from '../config-space/virtualization.ts';
import { Bus, type RootBus } from './bus.ts';
import type { RootComplexDescription } from './function-description.ts';
import { hasLinkBelow } from './function-kind.ts';
import type { PcieFunction } from './pcie-function.ts';

/** How the functions are wired, once and for all; what software programs later does not change it. */
export interface Wiring {
  readonly roots: readonly RootBus[];
  /** Secondary bus of each bridge, by the bridge's index. */
  readonly buses: readonly (Bus | undefined)[];
  readonly notes: readonly string[];
}

const place = (segment: number, bus: number): number => segment * 256 + bus;

/**
 * Finds the wiring of a captured machine from the bus numbers that its bridges had.
 *
 * Throws `DUPLICATE_FUNCTION` for two functions at one place, `TOPOLOGY_LOOP` for bridges that are below themselves or
 * share a secondary bus, `FUNCTION_PLACE` and `ROOT_COMPLEX_BUSES` for numbers out of range, `UNKNOWN_PHYSICAL_FUNCTION` for a virtual function without its physical one.
 */
export function wire(
  functions: readonly PcieFunction[],
  rootComplexes: readonly RootComplexDescription[],
): Wiring {
  const notes: string[] = [];
  checkPlaces(functions, rootComplexes);
  const byName = new Map<string, PcieFunction>();
  for (const fn of functions) {
    if (byName.has(fn.name))
      throw new UserError('DUPLICATE_FUNCTION', `function ${fn.name} stands there twice`);
    byName.set(fn.name, fn);
  }
  const occupied = new Set(functions.map((fn) => place(fn.description.segment, fn.description.bus)));
  const roots: RootBus[] = rootComplexes.map((one) => ({ ...one, bus: new Bus(undefined) }));
  const rootAt = new Map(roots.map((root) => [place(root.segment, root.firstBus), root]));
  const { above, buses } = findBridges(functions, occupied, rootAt);
  for (const fn of functions) {
    const { segment, bus, physicalFunction } = fn.description;
    let at = place(segment, bus);
    if (physicalFunction !== undefined) {
      const physical = byName.get(physicalFunction);
      if (physical === undefined || physical.description.physicalFunction !== undefined) {
        throw new UserError(
          'UNKNOWN_PHYSICAL_FUNCTION',
          `${fn.name} is a virtual function of ${physicalFunction}, which is no physical function here`,
        );
      }
      fn.physicalFunction = physical;
      physical.virtualFunctions.push(fn);
      at = place(physical.description.segment, physical.description.bus);
    }
    const bridge = above.get(at);
    let target = bridge === undefined ? rootAt.get(at)?.bus : buses[bridge.index];
    if (target === undefined) {
      const root = pseudoRoot(fn, functions, notes);
      roots.push(root);
      rootAt.set(at, root);
      target = root.bus;
    }
    target.add(fn, at === place(segment, bus));
  }
  checkLoops(functions);
  for (const fn of functions) finishBus(fn, buses[fn.index], notes);
  for (const fn of functions) {
    if (fn.virtualFunctions.length === 0) continue;
    fn.virtualFunctions.sort((a, b) => routingId(a) - routingId(b));
    fn.virtualFunctions.forEach((virtual, i) => {
      virtual.virtualIndex = i;
    });
    placeVirtualBars(fn);
  }
  return { roots, buses, notes };
}

function findBridges(
  functions: readonly PcieFunction[],
  occupied: ReadonlySet<number>,
  rootAt: ReadonlyMap<number, RootBus>,
): { above: Map<number, PcieFunction>; buses: (Bus | undefined)[] } {
  const above = new Map<number, PcieFunction>();
  const buses: (Bus | undefined)[] = new Array(functions.length).fill(undefined);
  for (const fn of functions) {
    if (!fn.isBridge) continue;
    buses[fn.index] = new Bus(fn);
    const secondary = fn.config.get(type1Header.field['SECONDARY_BUS.NUMBER']);
    const at = place(fn.description.segment, secondary);
    // A bridge that nobody has programmed has 0 here; its secondary bus is empty.
    if (secondary === 0 || !occupied.has(at)) continue;
    if (secondary === fn.description.bus) {
      throw new UserError('TOPOLOGY_LOOP', `bridge ${fn.name} has bus ${secondary} on both sides`);
    }
    const other = above.get(at)?.name ?? (rootAt.has(at) ? 'a root complex' : undefined);
    if (other !== undefined) {
      throw new UserError('TOPOLOGY_LOOP', `bus ${secondary} is below ${fn.name} and below ${other}`);
    }
    above.set(at, fn);
  }
  return { above, buses };
}

/** A bus that neither a bridge nor a root complex claims is taken for a root bus of its own. */
function pseudoRoot(fn: PcieFunction, functions: readonly PcieFunction[], notes: string[]): RootBus {
  const { segment, bus } = fn.description;
  let lastBus = bus;
  for (const other of functions) {
    if (!other.isBridge || other.description.segment !== segment || other.description.bus !== bus) continue;
    lastBus = Math.max(lastBus, other.config.get(type1Header.field['SUBORDINATE_BUS.NUMBER']));
  }
  const name = fn.name.slice(0, fn.name.lastIndexOf(':'));
  notes.push(`bus ${name} is claimed by no bridge and no root complex: taken for a root bus`);
  return { segment, firstBus: bus, lastBus, bus: new Bus(undefined) };
}

function checkLoops(functions: readonly PcieFunction[]): void {
  const safe = new Uint8Array(functions.length);
  for (const start of functions) {
    const way: PcieFunction[] = [];
    const onWay = new Set<PcieFunction>();
    for (let fn: PcieFunction | undefined = start; fn !== undefined && safe[fn.index] === 0; fn = fn.parent) {
      if (onWay.has(fn)) throw new UserError('TOPOLOGY_LOOP', `bridge ${fn.name} is below itself`);
      onWay.add(fn);
      way.push(fn);
    }
    for (const fn of way) safe[fn.index] = 1;
  }
}

function finishBus(fn: PcieFunction, bus: Bus | undefined, notes: string[]): void {
  if (bus === undefined || !hasLinkBelow(fn.kind)) return;
  const others = bus.functions.filter((child) => child.devfn >= 8 && child.physicalFunction === undefined);
  bus.anyDevice = others.length > 0 && !hasAriForwarding(fn);
  if (bus.anyDevice) {
    notes.push(
      `${fn.name} is a link with devices other than 0 below and no ARI forwarding: it passes on all`,
    );
  }
}

function hasAriForwarding(fn: PcieFunction): boolean {
  const express = fn.config.express;
  return express !== 0 && (fn.config.file.peek8(express + 0x28) & 0x20) !== 0;
}

function routingId(fn: PcieFunction): number {
  return fn.description.bus * 256 + fn.devfn;
}

function checkPlaces(
  functions: readonly PcieFunction[],
  rootComplexes: readonly RootComplexDescription[],
): void {
  const within = (value: number, limit: number): boolean =>
    Number.isInteger(value) && value >= 0 && value <= limit;
  for (const { description: d, name } of functions) {
    if (within(d.segment, 0x1f_ffff) && within(d.bus, 255) && within(d.device, 31) && within(d.fn, 7))
      continue;
    throw new UserError('FUNCTION_PLACE', `${name} cannot exist`, {
      expected: 'bus 0 to 255, device 0 to 31, function 0 to 7',
    });
  }
  const seen = new Set<number>();
  for (const { segment, firstBus, lastBus } of rootComplexes) {
    const at = place(segment, firstBus);
    if (within(firstBus, 255) && within(lastBus, 255) && firstBus <= lastBus && !seen.has(at)) {
      seen.add(at);
      continue;
    }
    throw new UserError(
      'ROOT_COMPLEX_BUSES',
      `a root complex cannot have buses ${firstBus} to ${lastBus} of segment ${segment}`,
      { expected: 'a range within 0 to 255 whose first bus no other root complex has' },
    );
  }
}

/** The VF BARs of a physical function decode as many bits as its virtual functions' sizes leave (PCIe 9.3.3.14). */
function placeVirtualBars(fn: PcieFunction): void {
  const { file, sriov, size } = fn.config;
  if (sriov === 0 || sriov + VF_BAR_OFFSET + 24 > size) return;
  const sizes = (fn.virtualFunctions[0] as PcieFunction).config.barSizes;
  for (let bar = 0; bar < 6; bar++) {
    const at = sriov + VF_BAR_OFFSET + bar * 4;
    const wide = barKind(file.peek8(at)) === 'memory-64' && bar < 5;
    file.place(barRegisters(wide ? 'memory-64' : 'memory-32', sizes[bar] ?? 0), at, { keepValues: true });
    if (wide) bar++;
  }
}
