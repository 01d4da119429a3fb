import { assert, UserError } from '@quiesce/simulation';
import { BusResources, type ResourceKind, resourceKinds } from './bus-resources.ts';
import type { BarPlan, FunctionPlan, WindowPlan } from './function-plan.ts';
import { canHotPlug, isExpressSlot } from './hot-plug.ts';
import type { RootComplexPlan } from './root-complex.ts';

/** Q35: memory of devices ends below the IO-APIC, and grows downwards. */
const MEMORY_END = 0xfec0_0000;
/** I/O begins here if less than 16 KiB are needed, or else at 0x1000. */
const IO_BASE = 0xc000;
const IO_ROOM = 0x4000;
const LARGE_IO_BASE = 0x1000;
/** Alignment of a bridge's windows, and what a bridge keeps for devices that are yet to be plugged in. */
const WINDOW_GRAIN = { io: 0x1000, memory: 0x20_0000, prefetchable: 0x20_0000 } as const;
const LEAST_MEMORY_BAR = 0x1000;

/**
 * The same root complexes with bus numbers, BARs, ROMs and bridge windows as SeaBIOS 1.16 gives them on a Q35 machine: largest
 * first, memory downwards from the IO-APIC, all root complexes from one pool. What has an address already takes part and
 * keeps it. Hot-plug bridges get 2 MiB of memory and of prefetchable memory, whatever is below them.
 * @throws UserError `BUILD_SPACE` if memory below 4 GiB does not suffice
 */
export function placeAsFirmware(roots: readonly RootComplexPlan[]): RootComplexPlan[] {
  const placed = roots.map((root) => ({ root, functions: numbered(root) }));
  const all = placed.flatMap(({ functions }) => functions.flatMap(withAllBelow));
  const bridges = all.filter((one) => one.secondary !== undefined);
  // All root buses draw on the resources of the first.
  const pool = new BusResources();
  const resources = new Map(bridges.map((one) => [one.secondary, new BusResources()]));
  const on = (bus: number): BusResources => resources.get(bus) ?? pool;
  all.sort((a, b) => a.bus - b.bus);
  for (const one of all) askForBars(one, on(one.bus));
  bridges.sort((a, b) => (b.secondary as number) - (a.secondary as number));
  for (const one of bridges) askForWindows(one, on(one.secondary as number), on(one.bus));
  placePool(pool, roots[0]);
  pool.give();
  for (const [, one] of [...resources].sort(([a], [b]) => (a as number) - (b as number))) one.give();
  return placed.map(({ root, functions }) => ({ ...root, functions: functions.map(planOf) }));
}

/** A function with its bus, and what it is given. */
interface Placed {
  readonly plan: FunctionPlan;
  readonly bus: number;
  /** Bus below a bridge. */
  readonly secondary: number | undefined;
  readonly below: readonly Placed[];
  readonly bars: (number | undefined)[];
  rom: number;
  readonly windows: Partial<Record<ResourceKind, WindowPlan | null>>;
}

/** Buses depth first, as every firmware numbers them. */
function numbered(root: RootComplexPlan): Placed[] {
  let last = root.firstBus;
  const place = (plan: FunctionPlan, bus: number): Placed => {
    let secondary: number | undefined;
    if (plan.bridge !== undefined) {
      secondary = plan.bridge.secondary ?? last + 1;
      last = secondary;
    }
    const below = plan.bridge?.below.map((one) => place(one, secondary as number)) ?? [];
    return { plan, bus, secondary, below, bars: [], rom: 0, windows: {} };
  };
  return root.functions.map((plan) => place(plan, root.firstBus));
}

function withAllBelow(one: Placed): Placed[] {
  return [one, ...one.below.flatMap(withAllBelow)];
}

function askForBars(one: Placed, bus: BusResources): void {
  for (const [index, bar] of (one.plan.bars ?? []).entries()) {
    if (bar === undefined) continue;
    const size = bar.kind === 'io' ? bar.size : Math.max(bar.size, LEAST_MEMORY_BAR);
    bus.ask(kindOf(bar), size, size, (address) => {
      one.bars[index] = bar.address ?? address;
    });
  }
  const rom = one.plan.rom;
  if (rom === undefined) return;
  const size = Math.max(rom.size, LEAST_MEMORY_BAR);
  bus.ask('memory', size, size, (address) => {
    one.rom = rom.address ?? address;
  });
}

function kindOf(bar: BarPlan): ResourceKind {
  if (bar.kind === 'io') return 'io';
  return bar.prefetchable === true ? 'prefetchable' : 'memory';
}

/** A bridge asks the bus above it for what is wanted on the bus below. */
function askForWindows(one: Placed, below: BusResources, above: BusResources): void {
  for (const kind of resourceKinds) {
    const align = Math.max(WINDOW_GRAIN[kind], below.align(kind));
    const sum = below.sum(kind);
    // Ports with a slot do without I/O.
    const kept = sum === 0 && canHotPlug(one.plan) && !(kind === 'io' && isExpressSlot(one.plan));
    const size = Math.ceil((kept ? align : sum) / align) * align;
    above.ask(kind, size, align, (base) => {
      below.setBase(kind, base);
      one.windows[kind] = size === 0 ? null : { base, limit: base + size - 1 };
    });
  }
}

/** Memory that needs the larger alignment stands below the other. */
function placePool(pool: BusResources, root: RootComplexPlan | undefined): void {
  pool.setBase('io', pool.sum('io') < IO_ROOM ? IO_BASE : LARGE_IO_BASE);
  const swapped = pool.align('memory') < pool.align('prefetchable');
  const [upper, lower] = swapped
    ? (['memory', 'prefetchable'] as const)
    : (['prefetchable', 'memory'] as const);
  const upperBase = alignDown(MEMORY_END - pool.sum(upper), pool.align(upper));
  const lowerBase = alignDown(upperBase - pool.sum(lower), pool.align(lower));
  if (root !== undefined && lowerBase < root.memory.start) {
    throw new UserError('BUILD_SPACE', `memory of devices would begin at 0x${lowerBase.toString(16)}`, {
      expected: `0x${root.memory.start.toString(16)} or above`,
    });
  }
  pool.setBase(upper, upperBase);
  pool.setBase(lower, lowerBase);
}

function alignDown(value: number, to: number): number {
  return Math.floor(value / to) * to;
}

/** The plan with the addresses in it. */
function planOf(one: Placed): FunctionPlan {
  const { plan, secondary, windows } = one;
  const bars = plan.bars?.map((bar, index) =>
    bar === undefined ? bar : { ...bar, address: one.bars[index] },
  );
  if (plan.bridge !== undefined) assert(secondary !== undefined, 'a bridge has a bus below it');
  return {
    ...plan,
    ...(bars === undefined ? {} : { bars }),
    ...(plan.rom === undefined ? {} : { rom: { ...plan.rom, address: one.rom } }),
    ...(plan.bridge === undefined || secondary === undefined
      ? {}
      : {
          bridge: {
            io: windows.io ?? null,
            memory: windows.memory ?? null,
            prefetchable: windows.prefetchable ?? null,
            ...plan.bridge,
            secondary,
            below: one.below.map(planOf),
          },
        }),
  };
}
