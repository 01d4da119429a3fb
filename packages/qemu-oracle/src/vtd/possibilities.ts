import { INTERRUPT_WINDOW } from '@quiesce/simulation';
import { messageIndex } from '@quiesce/vtd-iommu';
import { requestView } from './fault-view.ts';
import type { Invalidation } from './invalidation.ts';
import { requesterId } from './model-driver.ts';
import { OracleMemory } from './oracle-memory.ts';
import { faultOf, ProbeUnit, pointer } from './probe-unit.ts';
import { requesters } from './requesters.ts';
import { firstSteps, resetSteps } from './reset-steps.ts';
import { type Step, targetPages } from './scenario.ts';
import {
  type CachedTranslation,
  type ContextWords,
  leafOf,
  type PasidWords,
  readContext,
  readPasid,
  ridPasid,
  type TableChain,
  tableChain,
} from './table-chain.ts';
import type { UnitDescription } from './unit-description.ts';

/** ECAP.SC and ECAP.RPS: a lenient unit has them. */
const LENIENT = { low: 0x80, high: 0x2_0000 } as const;
const TRANSLATION = 0x8000_0000;
const INTERRUPT_REMAPPING = 0x0200_0000;
/** Indices of interrupt-remapping entries that scenarios use. */
const INTERRUPT_ENTRIES = 32;

/** What the specification lets a unit do with a request, caches being optional. */
export interface Allowed {
  /** {@link requestView}s: the one without any cache first. */
  readonly views: readonly string[];
  /** The same outcomes without the fault record, as far as memory shows: numbers of target pages. */
  readonly targets: readonly number[];
  /** What it might go by: the entries of now, or such as stood there since the last invalidation. */
  readonly chains: readonly TableChain[];
  /** Translations made for this requester since the last invalidation that would have removed them. */
  readonly made: readonly CachedTranslation[];
  /** Reason without any cache, 0 none. */
  readonly reason: number;
  /** Its tables said pass-through at some time since context entries were invalidated. */
  readonly passedThrough: boolean;
}

/** The same for a unit that leaves out some checks. */
export interface Lenient extends Pick<Allowed, 'views' | 'chains' | 'made'> {
  /** Reasons of the views, 0 none. */
  readonly reasons: readonly number[];
}

/**
 * Keeps account of what a unit may have in its caches. Each answer to a request must follow from the tables of now, or
 * from entries and translations that could have been cached and have not been invalidated since (VT-d 6.2, 6.5).
 */
export class Possibilities {
  readonly memory: OracleMemory = new OracleMemory();
  readonly #mode: number;
  readonly #unit: ProbeUnit;
  /** One that supports, and does not check, what QEMU does not check either. */
  readonly #lenient: ProbeUnit;
  #contexts = new Map<number, ContextWords[]>();
  #pasids = new Map<number, PasidWords[]>();
  #translations: CachedTranslation[] = [];
  #passedThrough = new Set<number>();
  /** Such as a lenient unit would have made, where this one faults. */
  #lenientTranslations: CachedTranslation[] = [];
  #entries = new Map<number, number[][]>();

  constructor(description: UnitDescription) {
    this.#mode = description.mode;
    this.#unit = new ProbeUnit(description, this.memory);
    this.#lenient = new ProbeUnit(description, this.memory, LENIENT);
  }

  /** From the start. */
  reset(): void {
    this.#unit.reset();
    this.#lenient.reset();
    this.memory.clear();
    this.#contexts = new Map();
    this.#pasids = new Map();
    this.#translations = [];
    this.#lenientTranslations = [];
    this.#passedThrough.clear();
    this.#entries = new Map();
    for (const step of [...firstSteps(this.#mode), ...resetSteps([], this.#mode)]) this.take(step);
  }

  get translating(): boolean {
    return this.#unit.enabled(TRANSLATION);
  }

  get scalable(): boolean {
    return (this.#unit.root.low & 0xc00) === 0x400;
  }

  /** Software does something. */
  take(step: Step): void {
    if (step.do === 'memory') {
      for (const [i, word] of step.words.entries()) this.memory.write32(step.address + 4 * i, word);
    } else if (step.do === 'register') {
      for (const unit of [this.#unit, this.#lenient]) unit.write(step.offset, step.value);
      for (const one of step.invalidates ?? []) this.#invalidate(one);
    } else return;
    this.#remember();
  }

  /** A device does something: what may come of it. */
  dma(step: Step & { do: 'dma' }): Allowed {
    const id = requesterId(step.requester);
    const chains = this.translating ? this.#chains(id) : [];
    const views: string[] = [];
    const targets: number[] = [];
    const add = (target: number, view: string): void => {
      if (views.includes(view)) return;
      views.push(view);
      targets.push(target);
    };
    const now = this.#unit.translate(step, undefined);
    const reason = now.outcome.allowed ? 0 : now.outcome.reason;
    add(now.target, now.view);
    const fresh: CachedTranslation[] = [];
    for (const chain of chains) {
      const { outcome: held, target, view } = this.#unit.translate(step, chain.words);
      // What is not valid is not cached.
      if (!held.allowed && invalidContext.has(held.reason)) continue;
      if (!held.allowed && !chain.contextOnly && invalidPasid.has(held.reason)) continue;
      add(target, view);
      if (held.allowed && !held.untranslated) {
        const leaf = leafOf(this.memory, chain, step.address, id);
        if (leaf !== undefined) fresh.push(leaf);
      }
      if (chain.passThrough || (!held.allowed && beyond.has(held.reason))) continue;
      for (const one of this.#translations) {
        if (one.domain !== chain.domain || !covers(one, step.address)) continue;
        const hit = hitOf(one, step);
        const refused = (hit.denied || hit.blocked) && !chain.faultDisabled;
        const why = hit.blocked ? blockedReason(this.scalable) : deniedReason(this.scalable, step.write);
        add(hit.target, requestView(hit.target, refused ? faultOf(step, why) : undefined));
      }
    }
    for (const one of fresh) keep(this.#translations, one);
    if (unchecked.has(reason)) {
      for (const chain of this.#chains(id, true)) {
        if (!this.#lenient.translate(step, chain.words).outcome.allowed) continue;
        const leaf = leafOf(this.memory, chain, step.address, id);
        if (leaf !== undefined) keep(this.#lenientTranslations, leaf);
      }
    }
    const made = this.#translations.filter((one) => one.requesterId === id && covers(one, step.address));
    return { views, targets, chains, made, reason, passedThrough: this.#passedThrough.has(id) };
  }

  /** What a unit might do that leaves out checks and reads RID_PASID without ECAP.RPS: views, faults recorded. */
  lenient(step: Step & { do: 'dma' }): Lenient {
    const id = requesterId(step.requester);
    const chains = this.#chains(id, true);
    const views: string[] = [];
    const reasons: number[] = [];
    for (const chain of [undefined, ...chains]) {
      const { outcome, view } = this.#lenient.translate(step, chain?.words);
      views.push(view);
      reasons.push(outcome.allowed ? 0 : outcome.reason);
    }
    const made = [...this.#translations, ...this.#lenientTranslations].filter(
      (one) => one.requesterId === id && covers(one, step.address),
    );
    return { views, reasons, chains, made };
  }

  /** An interrupt message: what may be delivered, as `vector>destination`, or `none`. First: without any cache. */
  interrupt(step: Step & { do: 'interrupt' }): string[] {
    const index = messageIndex(step.address, step.data);
    const found = [this.#unit.remap(step, undefined)];
    for (const words of this.#entries.get(index) ?? []) {
      const view = this.#unit.remap(step, words);
      if (!found.includes(view)) found.push(view);
    }
    return found;
  }

  /** The four dwords of the entry that a message names, as they stand now. */
  entry(step: Step & { do: 'interrupt' }): number[] {
    const at = this.#unit.entryAddress(step);
    return [0, 4, 8, 12].map((word) => this.memory.read32(at + word));
  }

  #chains(id: number, lenient = false): TableChain[] {
    const root = pointer(this.#unit.root);
    const chains: TableChain[] = [];
    for (const context of this.#contexts.get(id) ?? []) {
      if (!this.scalable) {
        chains.push(tableChain(root, id, context, undefined));
        continue;
      }
      chains.push(tableChain(root, id, context, undefined));
      // None of these units has ECAP.RPS: without it RID_PASID is 0, whatever the entry says.
      const number = lenient ? ridPasid(context) : 0;
      const now = lenient ? readPasid(this.memory, context, number, true) : undefined;
      const held = this.#pasids.get(pasidKey(id, number)) ?? [];
      for (const pasid of now === undefined ? held : [...held, now]) {
        chains.push(tableChain(root, id, context, lenient ? withoutChecks(pasid) : pasid, number));
      }
    }
    return chains;
  }

  /** Everything that is present now may be in a cache from now on. */
  #remember(): void {
    const { memory } = this;
    if (this.translating) {
      for (const { requesterId: id } of requesters) {
        const context = readContext(memory, pointer(this.#unit.root), id, this.scalable);
        if (context !== undefined) addTo(this.#contexts, id, context);
        if (!this.scalable) continue;
        for (const one of this.#contexts.get(id) ?? []) {
          for (const number of new Set([0, ridPasid(one)])) {
            const pasid = readPasid(memory, one, number);
            if (pasid === undefined) continue;
            addTo(this.#pasids, pasidKey(id, number), pasid);
            if ((((pasid.entry[0] as number) >>> 6) & 7) === 4) this.#passedThrough.add(id);
          }
        }
      }
    }
    if (!this.#unit.enabled(INTERRUPT_REMAPPING)) return;
    const table = pointer(this.#unit.table);
    for (let index = 0; index < INTERRUPT_ENTRIES; index++) {
      const words = [0, 4, 8, 12].map((word) => memory.read32(table + index * 16 + word));
      if (((words[0] as number) & 1) !== 0) addTo(this.#entries, index, words);
    }
  }

  #invalidate(one: Invalidation): void {
    if (one.of === 'interrupts') {
      if (!('index' in one)) this.#entries.clear();
      else for (let i = 0; i < one.count; i++) this.#entries.delete(one.index + i);
    } else if (one.of === 'contexts') {
      const root = pointer(this.#unit.root);
      for (const [id, held] of this.#contexts) {
        if ('requesterId' in one && ((id ^ one.requesterId) & ~one.ignored & 0xffff) !== 0) continue;
        // A scalable-mode context entry has no domain: every domain's invalidation meets it.
        const stay = held.filter(
          (context) =>
            'domain' in one &&
            !this.scalable &&
            tableChain(root, id, context, undefined).domain !== one.domain,
        );
        this.#contexts.set(id, stay);
        this.#passedThrough.delete(id);
      }
    } else if (one.of === 'pasids') {
      for (const [id, held] of this.#pasids) {
        const stay = held.filter(
          ({ entry }) => 'domain' in one && ((entry[2] as number) & 0xffff) !== one.domain,
        );
        this.#pasids.set(id, stay);
      }
    } else {
      const stays = (held: CachedTranslation): boolean => {
        if (!('domain' in one)) return false;
        if (held.domain !== one.domain) return true;
        if (!('address' in one)) return false;
        return held.start >= one.address + one.bytes || held.start + held.bytes <= one.address;
      };
      this.#translations = this.#translations.filter(stays);
      this.#lenientTranslations = this.#lenientTranslations.filter(stays);
    }
  }
}

function pasidKey(id: number, pasid: number): number {
  return id * 2 ** 20 + pasid;
}

/** A PASID entry without reserved bits, present, and with its tables taken for second-level ones. */
function withoutChecks({ directory, entry }: PasidWords): PasidWords {
  const [word0 = 0, word1 = 0, word2 = 0] = entry;
  const type = (word0 >>> 6) & 7;
  const second = type === 1 || type === 3 ? (word0 & ~0x1c0) | 0x80 : word0;
  return {
    directory: [(directory[0] as number) & 0xffff_f003, directory[1] as number].map((word) => word >>> 0),
    entry: [(second | 1) >>> 0, word1, word2 & 0xffff, ...Array.from({ length: 13 }, () => 0)],
  };
}

/** Reasons that tell that a root or context entry is not valid. */
const invalidContext = new Set([
  0x01, 0x02, 0x03, 0x08, 0x09, 0x0a, 0x0b, 0x38, 0x39, 0x3a, 0x40, 0x41, 0x42, 0x43, 0x48,
]);
/** The same of PASID directory and table entries. */
const invalidPasid = new Set([0x50, 0x51, 0x52, 0x58, 0x59, 0x5a, 0x5b]);
/** Reasons for which a lenient unit does not refuse. */
const unchecked = new Set([0x51, 0x52, 0x59, 0x5a, 0x5b, 0x0c, 0x7a]);
/** Reasons that stand before any translation. */
const beyond = new Set([0x04, 0x83]);

function covers(one: CachedTranslation, address: number): boolean {
  return address >= one.start && address < one.start + one.bytes;
}

/** What comes of a request that meets a cached translation. */
export function hitOf(
  one: CachedTranslation,
  step: Step & { do: 'dma' },
): { readonly target: number; readonly denied: boolean; readonly blocked: boolean } {
  if (!(step.write ? one.write : one.read)) return { target: -1, denied: true, blocked: false };
  const output = one.frame + (step.address - one.start);
  const blocked = output >= INTERRUPT_WINDOW.start && output < INTERRUPT_WINDOW.end;
  return { target: targetPages.indexOf(output - (output % 4096)), denied: false, blocked };
}

function blockedReason(scalable: boolean): number {
  return scalable ? 0x87 : 0x0e;
}

function deniedReason(scalable: boolean, write: boolean): number {
  return (scalable ? 0x80 : 0) + (write ? 0x05 : 0x06);
}

function keep(held: CachedTranslation[], one: CachedTranslation): void {
  if (!held.some((other) => same(one, other))) held.push(one);
}

function same(one: CachedTranslation, other: CachedTranslation): boolean {
  return (
    one.domain === other.domain &&
    one.start === other.start &&
    one.bytes === other.bytes &&
    one.frame === other.frame &&
    one.read === other.read &&
    one.write === other.write &&
    one.requesterId === other.requesterId
  );
}

function addTo<T>(held: Map<number, T[]>, key: number, value: T): void {
  const list = held.get(key) ?? [];
  const text = JSON.stringify(value);
  if (!list.some((one) => JSON.stringify(one) === text)) list.push(value);
  held.set(key, list);
}
