import {
  type DmaRequest,
  INTERRUPT_WINDOW,
  type InterruptOutcome,
  newDmaRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  type TranslationOutcome,
} from '@quiesce/simulation';
import { type FaultInfo, messageIndex, registerOffset, VtdUnit } from '@quiesce/vtd-iommu';
import { requestView } from './fault-view.ts';
import type { Invalidation } from './invalidation.ts';
import { requesterId } from './model-driver.ts';
import { OracleMemory } from './oracle-memory.ts';
import { requesters } from './requesters.ts';
import { clearLog, firstSteps, resetSteps } from './reset-steps.ts';
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
import { type UnitDescription, unitOptions } from './unit-description.ts';

const ENABLES = 0x8280_0000;
const SET_POINTERS = 0x4100_0000;
const QIE = 0x0400_0000;
/** ESRTPS and ESIRTPS: setting a pointer empties the caches, which makes the unit forget on demand. */
const FORGETTING = 0xc000_0000;
/** ECAP.SC, and in the upper half ECAP.RPS. */
const SNOOP_CONTROL = 0x80;
const RID_PASID_SUPPORT = 0x2_0000;
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

/**
 * Keeps account of what a unit may have in its caches. Each answer to a request must follow from the tables of now, or
 * from entries and translations that could have been cached and have not been invalidated since (VT-d 6.2, 6.5).
 */
export class Possibilities {
  readonly memory: OracleMemory = new OracleMemory();
  readonly #unit: VtdUnit;
  readonly #mode: number;
  /** One that supports, and does not check, what QEMU does not check either. */
  readonly #lenient: VtdUnit;
  readonly #request: DmaRequest = newDmaRequest();
  readonly #outcome: TranslationOutcome = newTranslationOutcome();
  readonly #interrupt: InterruptOutcome = newInterruptOutcome();
  #recorded = false;
  #contexts = new Map<number, ContextWords[]>();
  #pasids = new Map<number, PasidWords[]>();
  #translations: CachedTranslation[] = [];
  #passedThrough = new Set<number>();
  /** Such as a lenient unit would have made, where this one faults. */
  #lenientTranslations: CachedTranslation[] = [];
  #entries = new Map<number, number[][]>();
  #root: readonly [number, number] = [0, 0];
  #table: readonly [number, number] = [0, 0];

  constructor(description: UnitDescription) {
    this.#mode = description.mode;
    const options = unitOptions(description);
    const { low, high } = description.capability;
    const common = {
      ...options,
      capability: { low, high: (high | FORGETTING) >>> 0 },
      memory: this.memory,
      accessFails: OracleMemory.absent,
      onFault: (info: Readonly<FaultInfo>): void => {
        this.#recorded = info.recorded;
      },
    };
    const { low: first, high: second } = description.extendedCapability;
    this.#unit = new VtdUnit(common);
    const more = { low: (first | SNOOP_CONTROL) >>> 0, high: second | RID_PASID_SUPPORT };
    this.#lenient = new VtdUnit({ ...common, extendedCapability: more });
  }

  /** From the start. */
  reset(): void {
    this.#unit.reset('cold');
    this.#lenient.reset('cold');
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
    return (this.#unit.readRegister32(registerOffset.GSTS) & 0x8000_0000) !== 0;
  }

  get scalable(): boolean {
    return (this.#root[0] & 0xc00) === 0x400;
  }

  /** Software does something. */
  take(step: Step): void {
    if (step.do === 'memory') {
      for (const [i, word] of step.words.entries()) this.memory.write32(step.address + 4 * i, word);
    } else if (step.do === 'register') {
      this.#write(step.offset, step.value);
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
    const add = (target: number, reason: number, recorded: boolean): void => {
      const { address, write } = step;
      const low = (address & 0xffff_f000) >>> 0;
      const high = Math.floor(address / 0x1_0000_0000);
      const fault = recorded
        ? { reason, sourceId: id, low, high, read: !write, withPasid: false }
        : undefined;
      const view = requestView(target, fault);
      if (views.includes(view)) return;
      views.push(view);
      targets.push(target);
    };
    const outcome = this.#translate(step, id, undefined);
    const reason = outcome.allowed ? 0 : outcome.reason;
    add(targetOf(outcome), outcome.reason, this.#recorded);
    const fresh: CachedTranslation[] = [];
    for (const chain of chains) {
      const held = this.#translate(step, id, chain);
      // What is not valid is not cached.
      if (!held.allowed && invalidContext.has(held.reason)) continue;
      if (!held.allowed && !chain.contextOnly && invalidPasid.has(held.reason)) continue;
      add(targetOf(held), held.reason, this.#recorded);
      if (held.allowed && !held.untranslated) {
        const leaf = leafOf(this.memory, chain, step.address, id);
        if (leaf !== undefined) fresh.push(leaf);
      }
      if (chain.passThrough || (!held.allowed && beyond.has(held.reason))) continue;
      for (const one of this.#translations) {
        if (one.domain !== chain.domain || !covers(one, step.address)) continue;
        const hit = hitOf(one, step);
        const reason = hit.blocked ? blockedReason(this.scalable) : deniedReason(this.scalable, step.write);
        add(hit.target, reason, (hit.denied || hit.blocked) && !chain.faultDisabled);
      }
    }
    for (const one of fresh) keep(this.#translations, one);
    if (unchecked.has(reason)) {
      for (const chain of this.#chains(id, true)) {
        if (!this.#translate(step, id, chain, this.#lenient).allowed) continue;
        const leaf = leafOf(this.memory, chain, step.address, id);
        if (leaf !== undefined) keep(this.#lenientTranslations, leaf);
      }
    }
    const made = this.#translations.filter((one) => one.requesterId === id && covers(one, step.address));
    return { views, targets, chains, made, reason, passedThrough: this.#passedThrough.has(id) };
  }

  /** What a unit might do that leaves out checks and reads RID_PASID without ECAP.RPS: views, faults recorded. */
  lenient(step: Step & { do: 'dma' }): Pick<Allowed, 'views' | 'chains' | 'made'> {
    const id = requesterId(step.requester);
    const views: string[] = [];
    const chains = this.#chains(id, true);
    for (const chain of [undefined, ...chains]) {
      const outcome = this.#translate(step, id, chain, this.#lenient);
      const low = (step.address & 0xffff_f000) >>> 0;
      const high = Math.floor(step.address / 0x1_0000_0000);
      const fault = this.#recorded
        ? { reason: outcome.reason, sourceId: id, low, high, read: !step.write, withPasid: false }
        : undefined;
      views.push(requestView(targetOf(outcome), fault));
    }
    const made = [...this.#translations, ...this.#lenientTranslations].filter(
      (one) => one.requesterId === id && covers(one, step.address),
    );
    return { views, chains, made };
  }

  /** An interrupt message: what may be delivered, as `vector>destination`, or `none`. First: without any cache. */
  interrupt(step: Step & { do: 'interrupt' }): string[] {
    const index = messageIndex(step.address, step.data);
    const found = [this.#remap(step, undefined)];
    for (const words of this.#entries.get(index) ?? []) {
      const view = this.#remap(step, words);
      if (!found.includes(view)) found.push(view);
    }
    return found;
  }

  /** The four dwords of the entry that a message names, as they stand now. */
  entry(step: Step & { do: 'interrupt' }): number[] {
    const [low, high] = this.#table;
    const at =
      high * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0) + messageIndex(step.address, step.data) * 16;
    return [0, 4, 8, 12].map((word) => this.memory.read32(at + word));
  }

  #write(offset: number, value: number): void {
    // Its own caches are emptied by other means: it needs no queue and no commands.
    if (offset === 0x2c || (offset >= 0x80 && offset < 0xb0) || offset === 0xfc) return;
    if (offset !== registerOffset.GCMD) {
      this.#unit.writeRegister32(offset, value);
      this.#lenient.writeRegister32(offset, value);
      return;
    }
    const wide = (at: number) => [this.#unit.readRegister32(at), this.#unit.readRegister32(at + 4)] as const;
    if ((value & 0x4000_0000) !== 0) this.#root = wide(registerOffset.RTADDR);
    if ((value & 0x0100_0000) !== 0) this.#table = wide(registerOffset.IRTA);
    for (const unit of [this.#unit, this.#lenient]) unit.writeRegister32(offset, (value & ~QIE) >>> 0);
  }

  /** Empties the caches and the log, whatever software has written into the registers meanwhile. */
  #forget(unit: VtdUnit): void {
    const root = unit.readWide(registerOffset.RTADDR);
    const table = unit.readWide(registerOffset.IRTA);
    unit.writeWide(registerOffset.RTADDR, ...this.#root);
    unit.writeWide(registerOffset.IRTA, ...this.#table);
    const enables = unit.readRegister32(registerOffset.GSTS) & ENABLES;
    unit.writeRegister32(registerOffset.GCMD, (enables | SET_POINTERS) >>> 0);
    unit.writeWide(registerOffset.RTADDR, root.low, root.high);
    unit.writeWide(registerOffset.IRTA, table.low, table.high);
    for (const step of clearLog) if (step.do === 'register') unit.writeRegister32(step.offset, step.value);
    this.#recorded = false;
  }

  #translate(
    step: Step & { do: 'dma' },
    id: number,
    chain: Pick<TableChain, 'words'> | undefined,
    unit: VtdUnit = this.#unit,
  ): TranslationOutcome {
    this.#forget(unit);
    for (const [address, word] of chain?.words ?? []) this.memory.overlay.set(address, word);
    const request = this.#request;
    request.requesterId = id;
    request.write = step.write;
    request.address = step.address;
    request.length = 4;
    unit.translate(request, this.#outcome);
    this.memory.overlay.clear();
    return this.#outcome;
  }

  #remap(step: Step & { do: 'interrupt' }, words: readonly number[] | undefined): string {
    this.#forget(this.#unit);
    const [low, high] = this.#table;
    const entry =
      high * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0) + messageIndex(step.address, step.data) * 16;
    for (const [i, word] of (words ?? []).entries()) this.memory.overlay.set(entry + 4 * i, word);
    const { address, data } = step;
    this.#unit.remapInterrupt(
      { segment: 0, requesterId: requesterId(step.requester), address, data },
      this.#interrupt,
    );
    this.memory.overlay.clear();
    const { delivered, vector, destination } = this.#interrupt;
    return delivered ? `${vector}>${destination}` : 'none';
  }

  #chains(id: number, lenient = false): TableChain[] {
    const root = this.#rootTable();
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

  #rootTable(): number {
    return this.#root[1] * 0x1_0000_0000 + ((this.#root[0] & 0xffff_f000) >>> 0);
  }

  /** Everything that is present now may be in a cache from now on. */
  #remember(): void {
    const { memory } = this;
    if (this.translating) {
      for (const { requesterId: id } of requesters) {
        const context = readContext(memory, this.#rootTable(), id, this.scalable);
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
    if ((this.#unit.readRegister32(registerOffset.GSTS) & 0x0200_0000) === 0) return;
    const table = this.#table[1] * 0x1_0000_0000 + ((this.#table[0] & 0xffff_f000) >>> 0);
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
      const root = this.#rootTable();
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

function targetOf(outcome: TranslationOutcome): number {
  if (!outcome.allowed) return -1;
  return targetPages.indexOf(outcome.address - (outcome.address % 4096));
}

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
