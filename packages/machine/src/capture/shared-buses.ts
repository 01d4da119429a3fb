import { ConfigReader, capturedBars } from '../description/config-reader.ts';
import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import type { BusEvidence } from './bus-evidence.ts';

const SECONDARY = 0x19;
const SUBORDINATE = 0x1a;

/** A kind of evidence, from the one that says most down; in words for a note. */
const evidenceWords = [
  'paths in /sys have its functions below',
  'more sources say it of',
  'its functions have their addresses in the windows of',
  'of the two, it lies among the buses above',
  'of the two, its own bus is the primary one of',
] as const;

/**
 * Where several bridges lead to one bus, leaves it to the one that the other evidence speaks for: paths in `/sys`, other
 * sources, BARs behind it within its windows, the buses of the bridge above, its Primary Bus Number. If that speaks for
 * none more than for another, none of them leads there. The others lead to where other sources have them, or to nowhere.
 * @returns undefined if each bus is behind one bridge
 */
export function withoutSharedBuses(
  functions: readonly ListedFunction[],
  evidenceOf: () => BusEvidence,
): { readonly functions: readonly ListedFunction[]; readonly notes: readonly ImportNote[] } | undefined {
  const leading = new Map<string, ListedFunction[]>();
  for (const one of functions) {
    const secondary = secondaryBus(one);
    if (secondary === 0) continue;
    const key = busKey(one, secondary);
    const others = leading.get(key);
    if (others === undefined) leading.set(key, [one]);
    else others.push(one);
  }
  const shared = [...leading.values()].filter((bridges) => bridges.length > 1);
  if (shared.length === 0) return undefined;
  const evidence = evidenceOf();
  const machine = new MachineBuses(functions, evidence);
  const notes: ImportNote[] = [];
  const numbers = new Map<string, readonly [secondary: number, subordinate: number]>();
  for (const bridges of shared) {
    const bus = secondaryBus(bridges[0] as ListedFunction);
    const { winner, words } = chosen(bridges, bus, machine);
    for (const one of bridges) {
      if (one === winner) continue;
      const own = ownClaim(one, evidence, machine, leading);
      if (own !== undefined) leading.set(busKey(one, own.secondary), [one]);
      numbers.set(one.name, own === undefined ? [0, 0] : [own.secondary, own.subordinate]);
      const others = bridges.filter((other) => other !== one).map(({ name }) => name);
      const named = others.length > 3 ? `${others.slice(0, 3).join(', ')} and others` : others.join(' and ');
      const why =
        winner === undefined
          ? 'nothing says more for one of them than for another'
          : `${words} ${winner.name}`;
      const what =
        own === undefined
          ? 'it is taken to lead nowhere'
          : `it is taken to lead to bus ${own.secondary}, as ${own.from} has it`;
      const message = `bridge ${one.name} leads to bus ${bus}, as ${named} would; ${why}: ${what}`;
      notes.push({ file: one.file, line: one.line, message });
    }
  }
  const result = functions.map((one) => {
    const bus = numbers.get(one.name);
    if (bus === undefined) return one;
    const bytes = one.bytes.slice();
    bytes.set(bus, SECONDARY);
    return { ...one, bytes };
  });
  return { functions: result, notes };
}

/** The bridge that more speaks for than for any other. */
function chosen(
  bridges: readonly ListedFunction[],
  bus: number,
  machine: MachineBuses,
): { readonly winner?: ListedFunction; readonly words?: string } {
  const scores = bridges
    .map((one) => ({ one, score: machine.scoreOf(one, bus) }))
    .sort((a, b) => compareScores(b.score, a.score));
  const [first, second] = scores;
  if (first === undefined || second === undefined) return {};
  const at = first.score.findIndex((value, index) => value !== second.score[index]);
  const words = evidenceWords[at];
  return words === undefined ? {} : { winner: first.one, words };
}

function compareScores(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

/** A bus of its own that a source, or a path in `/sys`, has behind a bridge. */
function ownClaim(
  one: ListedFunction,
  { claims }: BusEvidence,
  machine: MachineBuses,
  leading: ReadonlyMap<string, unknown>,
): { readonly secondary: number; readonly subordinate: number; readonly from: string } | undefined {
  const told = (claims.get(one.name) ?? []).map((claim) => ({ ...claim, from: claim.file }));
  return [...machine.busesBelow(one), ...told].find(
    ({ secondary, subordinate }) =>
      secondary > one.bus && subordinate >= secondary && !leading.has(busKey(one, secondary)),
  );
}

/** What the functions of a machine say of its buses. */
class MachineBuses {
  readonly #evidence: BusEvidence;
  readonly #onBus = new Map<string, ListedFunction[]>();
  readonly #bridgeTo = new Map<string, ConfigReader>();
  readonly #below = new Map<string, ListedFunction[]>();

  constructor(functions: readonly ListedFunction[], evidence: BusEvidence) {
    this.#evidence = evidence;
    for (const one of functions) {
      push(this.#onBus, busKey(one, one.bus), one);
      const secondary = secondaryBus(one);
      if (secondary !== 0) this.#bridgeTo.set(busKey(one, secondary), new ConfigReader(one.bytes));
      const above = evidence.above.get(one.name);
      if (above !== undefined) push(this.#below, above, one);
    }
  }

  /** In the order of {@link evidenceWords}; more is better. */
  scoreOf(bridge: ListedFunction, bus: number): number[] {
    const config = new ConfigReader(bridge.bytes);
    const behind = this.#onBus.get(busKey(bridge, bus)) ?? [];
    const paths = behind.map(({ name }) => this.#evidence.above.get(name)).filter((one) => one !== undefined);
    const claims = this.#evidence.claims.get(bridge.name) ?? [];
    const above = this.#bridgeTo.get(busKey(bridge, bridge.bus));
    const isAmong =
      above === undefined || (above.u8(SECONDARY) <= bus && config.u8(SUBORDINATE) <= above.u8(SUBORDINATE));
    return [
      votes(paths, (name) => name === bridge.name),
      votes(claims, ({ secondary }) => secondary === bus),
      votes(addressesOf(behind), (address) => isInWindow(config, address)),
      isAmong ? 1 : 0,
      config.u8(0x18) === bridge.bus ? 1 : 0,
    ];
  }

  /** The bus on which paths in `/sys` have functions right below a bridge, and the last one below those. */
  busesBelow(bridge: ListedFunction): { secondary: number; subordinate: number; from: string }[] {
    const below = (this.#below.get(bridge.name) ?? []).filter(({ segment }) => segment === bridge.segment);
    const buses = [...new Set(below.map(({ bus }) => bus))];
    return buses.map((secondary) => {
      const deeper = below.map(({ bytes }) => new ConfigReader(bytes)).filter(({ isBridge }) => isBridge);
      const subordinate = Math.max(secondary, ...deeper.map((config) => config.u8(SUBORDINATE)));
      return { secondary, subordinate, from: 'a path in /sys' };
    });
  }
}

/** 1 if all speak for it, 0 if none says anything, -1 if any speaks against it. */
function votes<T>(said: readonly T[], speaksFor: (one: T) => boolean): number {
  if (said.length === 0) return 0;
  return said.every(speaksFor) ? 1 : -1;
}

function addressesOf(
  functions: readonly ListedFunction[],
): { readonly io: boolean; readonly address: number }[] {
  return functions
    .flatMap(({ bytes }) => capturedBars(new ConfigReader(bytes)))
    .filter(({ address }) => address !== 0)
    .map(({ kind, address }) => ({ io: kind === 'io', address }));
}

/** Whether a bridge passes an address down: its I/O, memory and prefetchable windows (PCI-to-PCI Bridge 1.2, 3.2.5.6 to 3.2.5.10). */
function isInWindow(config: ConfigReader, { io, address }: { io: boolean; address: number }): boolean {
  if (io) {
    const base = (config.u8(0x1c) & 0xf0) * 0x100 + config.u16(0x30) * 0x1_0000;
    const limit = (config.u8(0x1d) & 0xf0) * 0x100 + 0xfff + config.u16(0x32) * 0x1_0000;
    return base <= address && address <= limit;
  }
  const memory = windowOf(config, 0x20, 0, 0);
  const prefetchable = windowOf(config, 0x24, config.u32(0x28), config.u32(0x2c));
  return [memory, prefetchable].some(({ base, limit }) => base <= address && address <= limit);
}

function windowOf(
  config: ConfigReader,
  at: number,
  upperBase: number,
  upperLimit: number,
): { base: number; limit: number } {
  const base = (config.u16(at) & 0xfff0) * 0x1_0000 + upperBase * 2 ** 32;
  const limit = (config.u16(at + 2) & 0xfff0) * 0x1_0000 + 0xf_ffff + upperLimit * 2 ** 32;
  return { base, limit };
}

function secondaryBus({ bytes }: ListedFunction): number {
  const config = new ConfigReader(bytes);
  return config.isBridge ? config.u8(SECONDARY) : 0;
}

function busKey({ segment }: ListedFunction, bus: number): string {
  return `${segment}:${bus}`;
}

function push<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [one]);
  else list.push(one);
}
