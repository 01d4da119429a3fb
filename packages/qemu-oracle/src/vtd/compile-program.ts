import { registerOffset } from '@quiesce/vtd-iommu';
import type { Invalidation } from './invalidation.ts';
import { InvalidationWriter } from './invalidation-writer.ts';
import { requesterId } from './model-driver.ts';
import { frames, type Operation, type Program, places } from './operation.ts';
import { requesters } from './requesters.ts';
import { TE } from './reset-steps.ts';
import { type Scenario, type Step, TABLES } from './scenario.ts';

/** Two root tables, a context table of each bus, and page tables behind them. */
const ROOTS = [TABLES.start, TABLES.start + 0x1000, 0x5800_0000] as const;
const CONTEXTS = TABLES.start + 0x2000;
/** Directory and table of the only PASID of each requester. */
const PASIDS = TABLES.start + 0x1_0000;
const PAGES = TABLES.start + 0x3_0000;
const ABSENT = 0x5000_0000;
const QIE = 0x0400_0000;

/** Makes a program into what software writes and devices do, for a unit of `addressBits`. */
export function compileProgram(program: Program, addressBits: number): Scenario {
  return new Compiler(program, addressBits).run();
}

class Compiler {
  readonly #program: Program;
  /** In the upper dword: the first reserved address bit. */
  readonly #reservedHigh: number;
  readonly #steps: Step[] = [];
  readonly #pages = new Map<string, number>();
  readonly #invalidations: InvalidationWriter;
  #command: number = TE;

  constructor(program: Program, addressBits: number) {
    this.#program = program;
    this.#reservedHigh = 2 ** (addressBits - 32);
    this.#invalidations = new InvalidationWriter(this.#steps, program.queued, program.scalable);
  }

  run(): Scenario {
    const { setup, operations, queued, scalable } = this.#program;
    for (const operation of setup) this.#add(operation);
    if (queued) {
      this.#invalidations.start();
      this.#enable(QIE, true);
    }
    this.#setRoot(0, scalable);
    for (const operation of operations) this.#add(operation);
    return this.#steps;
  }

  #add(operation: Operation): void {
    switch (operation.kind) {
      case 'map':
        this.#map(operation);
        break;
      case 'unmap': {
        const levels = this.#program.levels[operation.tree] as number;
        const iova = this.#address(operation.place, operation.page);
        const level = Math.min(1 + operation.above, levels);
        this.#memory(this.#table(operation.tree, level, iova) + index(iova, level) * 8, [0, 0]);
        break;
      }
      case 'context':
        if (this.#program.scalable) this.#scalableContext(operation);
        else this.#context(operation);
        break;
      case 'root':
        this.#root(operation.bus, operation.flaw);
        break;
      case 'set-root':
        this.#setRoot(operation.table, this.#program.scalable);
        break;
      case 'translation':
        this.#enable(TE, operation.on);
        break;
      case 'invalidate-contexts':
      case 'invalidate-pasids':
        this.#invalidations.add(operation);
        break;
      case 'invalidate-translations': {
        const address = this.#address(operation.place, operation.page);
        this.#invalidations.pages(operation, address);
        break;
      }
      case 'bad-descriptor':
        this.#invalidations.bad(operation.word0);
        break;
      case 'request': {
        const { requester, write, keep } = operation;
        const address = this.#address(operation.place, operation.page) + operation.offset * 4;
        this.#steps.push({ do: 'dma', requester, write, address, ...(keep ? { keep } : {}) });
      }
    }
  }

  #address(place: number, page: number): number {
    return (places[place] as number) + page * 0x1000;
  }

  #memory(address: number, words: readonly number[]): void {
    this.#steps.push({ do: 'memory', address, words: words.map((word) => word >>> 0) });
  }

  #register(offset: number, value: number, invalidates?: readonly Invalidation[]): void {
    this.#steps.push({ do: 'register', offset, value, ...(invalidates ? { invalidates } : {}) });
  }

  #enable(bit: number, on: boolean): void {
    this.#command = (on ? this.#command | bit : this.#command & ~bit) >>> 0;
    this.#register(registerOffset.GCMD, this.#command);
  }

  #setRoot(table: number, scalable: boolean): void {
    this.#register(registerOffset.RTADDR, (ROOTS[table] as number) + (scalable ? 0x400 : 0));
    this.#register(registerOffset.GCMD, (this.#command | 0x4000_0000) >>> 0);
  }

  /** The table of `level` on the way to `iova`. */
  #table(tree: number, level: number, iova: number): number {
    const key = `${tree} ${level} ${Math.floor(iova / 2 ** (12 + 9 * level))}`;
    const known = this.#pages.get(level === this.#program.levels[tree] ? `${tree}` : key);
    if (known !== undefined) return known;
    const page = PAGES + this.#pages.size * 0x1000;
    this.#pages.set(level === this.#program.levels[tree] ? `${tree}` : key, page);
    return page;
  }

  #map(operation: Operation & { kind: 'map' }): void {
    const { tree, size, flaw } = operation;
    const levels = this.#program.levels[tree] as number;
    const iova = this.#address(operation.place, operation.page);
    const leaf = size + 1;
    const flawed = Math.min(leaf + operation.flawAbove, levels);
    for (let level = levels; level >= leaf; level--) {
      const at = this.#table(tree, level, iova) + index(iova, level) * 8;
      const choices = frames[size] as readonly number[];
      const to =
        level === leaf
          ? (choices[operation.frame % choices.length] as number)
          : this.#table(tree, level - 1, iova);
      const rights = level === leaf ? operation.rights : operation.upperRights;
      const entry = [
        ((to % 0x1_0000_0000) | rights | (level === leaf && size > 0 ? 0x80 : 0)) >>> 0,
        Math.floor(to / 0x1_0000_0000),
      ];
      this.#memory(at, level === flawed ? this.#flawed(entry, flaw, level, levels, leaf) : entry);
    }
  }

  #flawed(entry: readonly number[], flaw: string, level: number, levels: number, leaf: number): number[] {
    const [low, high] = entry as [number, number];
    switch (flaw) {
      case 'reserved-high':
        return [low, high | this.#reservedHigh];
      case 'transient':
        return [low, high | 0x4000_0000];
      case 'snoop':
        return [low | 0x800, high];
      case 'below-superpage':
        return level === leaf && leaf > 1 ? [low | 0x1_0000, high] : [low, high];
      case 'absent-pointer':
        return level > leaf ? [(ABSENT | (low & 0xfff)) >>> 0, 0] : [low, high];
      case 'all-ones':
        return [0xffff_ffff, 0xffff_ffff];
      case 'page-size-at-top':
        return level === levels ? [low | 0x80, high] : [low, high];
      case 'ignored-bits':
        return [low | 0x77c, (high | 0xbff0_0000) >>> 0];
      default:
        return [low, high];
    }
  }

  #root(bus: number, flaw: string): void {
    const { scalable } = this.#program;
    for (const table of ROOTS.slice(0, 2)) {
      const half = (upper: number): [number, number] => {
        const pointer = flaw === 'absent-pointer' ? ABSENT : CONTEXTS + bus * 0x2000 + upper * 0x1000;
        const low = pointer | (flaw === 'not-present' ? 0 : 1) | (flaw === 'reserved-low' ? 0x20 : 0);
        return [low, flaw === 'reserved-high' ? this.#reservedHigh : 0];
      };
      const upper = scalable ? half(1) : [flaw === 'upper-half' ? 1 : 0, 0];
      this.#memory(table + bus * 16, [...half(0), ...upper]);
    }
  }

  #context(operation: Operation & { kind: 'context' }): void {
    const { flaw } = operation;
    const id = requesterId(operation.requester);
    const levels = this.#program.levels[operation.tree] as number;
    const table = flaw === 'absent-pointer' ? ABSENT : this.#table(operation.tree, levels, 0);
    const width = operation.width < 0 ? levels - 2 : operation.width;
    this.#memory(CONTEXTS + (id >>> 8) * 0x2000 + (id & 0xff) * 16, [
      (table |
        (flaw === 'not-present' ? 0 : 1) |
        (operation.faultDisable ? 2 : 0) |
        ((operation.type & 3) << 2) |
        (flaw === 'reserved-low' ? 0x40 : 0)) >>>
        0,
      flaw === 'reserved-high' ? this.#reservedHigh : 0,
      (width |
        (flaw === 'available-bits' ? 0x78 : 0) |
        (operation.domain << 8) |
        (flaw === 'reserved-word2' ? 0x80 : 0)) >>>
        0,
      flaw === 'reserved-word3' ? 1 : 0,
    ]);
  }

  #scalableContext(operation: Operation & { kind: 'context' }): void {
    const { flaw, pasidFlaw, requester, faultDisable } = operation;
    const id = requesterId(requester);
    const directory = PASIDS + requester * 0x4000;
    const number = this.#program.pasid;
    const upper = (id & 0x80) !== 0 ? 0x1000 : 0;
    const pointer = flaw === 'absent-pointer' ? ABSENT : directory;
    this.#memory(CONTEXTS + (id >>> 8) * 0x2000 + upper + (id & 0x7f) * 32, [
      pointer |
        (flaw === 'not-present' ? 0 : 1) |
        (faultDisable && pasidFlaw === 'none' ? 2 : 0) |
        (flaw === 'reserved-low' ? 0x40 : 0),
      flaw === 'reserved-high' ? this.#reservedHigh : 0,
      number | (flaw === 'reserved-word2' ? 0x0080_0000 : 0),
      flaw === 'reserved-word3' ? 1 : 0,
      0,
      0,
      0,
      0,
    ]);
    const table = pasidFlaw === 'directory-absent-pointer' ? ABSENT : directory + 0x2000;
    this.#memory(directory + (number >>> 6) * 8, [
      table |
        (pasidFlaw === 'directory-not-present' ? 0 : 1) |
        (faultDisable && pasidFlaw !== 'none' ? 2 : 0) |
        (pasidFlaw === 'directory-reserved' ? 0x40 : 0),
      0,
    ]);
    const levels = this.#program.levels[operation.tree] as number;
    const width = operation.width < 0 ? levels - 2 : operation.width;
    this.#memory(directory + 0x2000 + (number & 63) * 64, [
      (this.#table(operation.tree, levels, 0) |
        (pasidFlaw === 'not-present' ? 0 : 1) |
        ((width & 7) << 2) |
        ((operation.type & 7) << 6)) >>>
        0,
      0,
      operation.domain,
      0,
      0,
      0,
      pasidFlaw === 'reserved' ? 1 : 0,
      0,
    ]);
  }
}

function index(iova: number, level: number): number {
  return Math.floor(iova / 2 ** (12 + 9 * (level - 1))) % 512;
}

/** Buses with requesters. */
export const buses: readonly number[] = [...new Set(requesters.map((one) => one.requesterId >>> 8))];
