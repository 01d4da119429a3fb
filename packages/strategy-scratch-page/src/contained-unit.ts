import type {
  OwnedMemory,
  PageAllocator,
  RemappingUnitHandle,
  ReservedMemoryRegion,
} from '@quiesce/strategy';
import {
  CONTEXT_PRESENT,
  contextEntry,
  contextTranslationType,
  LEGACY_MODE,
  PasidTable,
  pasidEntry,
  RootTable,
  rootTableAddress,
  rootTableMode,
  SCALABLE_MODE,
  SECOND_LEVEL_TRANSLATION,
  scalableContextEntry,
  scalableContextRidPasid,
  TRANSLATE_UNTRANSLATED_ONLY,
  TRANSLATE_WITH_DEVICE_TLB,
  type UnitRegisters,
} from '@quiesce/vtd-iommu';
import { containOldTable, mapRegions } from './contain-table.ts';
import { ContainedTable } from './contained-table.ts';
import { type OldTranslation, oldTranslations } from './old-translations.ts';
import { SinkLevels } from './sink-levels.ts';

/** Context-entry flags of scalable mode that stay as they were: device-TLB, PASID and page-request enable. */
const KEPT_FLAGS = 0x1c;
const GIB = 2 ** 30;
/** Physical addresses that a unit without leaves of 1 GiB goes on reaching. */
const PHYSICAL_LIMIT = 64 * GIB;

/** What containing a unit needs. */
export interface Containment {
  readonly memory: OwnedMemory;
  readonly pages: PageAllocator;
  readonly regions: readonly ReservedMemoryRegion[];
  readonly reads: 'shadow' | 'sink';
  readonly shadowPages: number;
  readonly passThrough: 'keep' | 'sink';
  /** The display of this requester is to be kept. */
  isDisplay(requesterId: number): boolean;
  log(line: string): void;
}

/** A requester's domain in the new tables. */
export interface ContainedDomain {
  readonly id: number;
  readonly table: ContainedTable;
  /** Requesters that have it. */
  readonly requesterIds: number[];
}

/**
 * New tables of one unit, in which no requester reaches memory that matters. Requesters that shared a page table share
 * one now; all whose old addresses are unknown share the drain.
 */
export class ContainedUnit {
  readonly unit: RemappingUnitHandle;
  readonly root: RootTable;
  readonly domains: Map<number, ContainedDomain> = new Map();
  /** Domain IDs of the old kernel, and of this strategy. */
  readonly usedIds: Set<number> = new Set([0]);
  readonly #registers: UnitRegisters<RemappingUnitHandle>;
  readonly #how: Containment;
  readonly #sinks: SinkLevels;
  readonly #budget: { pages: number };
  /** Requesters whose addresses were physical. */
  readonly #physical = new Set<number>();
  #drain: ContainedDomain | undefined;
  #through: ContainedDomain | undefined;

  constructor(registers: UnitRegisters<RemappingUnitHandle>, how: Containment) {
    const storage = { memory: how.memory, allocatePage: () => how.pages.allocate() };
    this.unit = registers.unit;
    this.#registers = registers;
    this.#how = how;
    this.#sinks = new SinkLevels(how.memory, how.pages);
    this.#budget = { pages: how.shadowPages };
    const scalable = registers.translationEnabled && rootTableMode(registers.rootTable.low) === SCALABLE_MODE;
    this.root = new RootTable({ ...storage, scalable });
  }

  /** False for a unit whose tables this strategy cannot write: no second level in scalable mode, or an odd mode. */
  get possible(): boolean {
    const mode = rootTableMode(this.#registers.rootTable.low);
    if (!this.#registers.translationEnabled) return true;
    return mode === LEGACY_MODE || (mode === SCALABLE_MODE && this.#registers.capability.secondLevel);
  }

  /** Builds the tables from what the old ones let through. */
  containOld(): void {
    const { low, high } = this.#registers.rootTable;
    const address = rootTableAddress(low, high);
    if (!this.#registers.translationEnabled || address === 0) return;
    const olds = [...oldTranslations(this.#how.memory, address, this.root.scalable)];
    for (const { domainId } of olds) this.usedIds.add(domainId);
    const byTable = new Map<string, ContainedDomain>();
    for (const old of olds) this.#containRequester(old, byTable);
  }

  /** The domain of a requester, a drain for one that the old kernel did not know. */
  domainOf(requesterId: number): ContainedDomain | undefined {
    return this.domains.get(requesterId);
  }

  /** Gives a requester the domain of all those who have none of their own. */
  drain(requesterId: number): void {
    if (this.#regionsOf(requesterId).length > 0) {
      this.separate([requesterId]);
      return;
    }
    this.#drain ??= this.#newDomain(this.#levels);
    if (this.#drain !== undefined) this.#place(requesterId, this.#drain, undefined);
  }

  /** Gives the requester IDs of one function a domain of their own. False if no domain ID is left. */
  separate(requesterIds: readonly number[]): boolean {
    const domain = this.#newDomain(this.#levels);
    if (domain === undefined) return false;
    // Nobody knows where old traffic goes: most likely, where Linux begins to hand out addresses.
    if (!requesterIds.some((id) => this.#physical.has(id))) domain.table.use(3 * GIB, GIB);
    else if (this.#identityPossible) this.#openPhysical(domain.table);
    for (const id of requesterIds) {
      mapRegions(domain.table, this.#regionsOf(id));
      this.#place(id, domain, undefined);
    }
    return true;
  }

  /** True if others have the requester's domain, too, because nothing was known of it. */
  isDrained(requesterId: number): boolean {
    const domain = this.domains.get(requesterId);
    return domain !== undefined && (domain === this.#drain || domain === this.#through);
  }

  #containRequester(old: OldTranslation, byTable: Map<string, ContainedDomain>): void {
    const { requesterId } = old;
    const display = this.#how.isDisplay(requesterId);
    if (old.table === undefined) {
      if (old.passThrough) this.#passThrough(requesterId);
      else this.drain(requesterId);
      return;
    }
    const regions = this.#regionsOf(requesterId);
    const key = `${old.table.root} ${old.table.levels} ${display}${regions.length > 0 ? requesterId : ''}`;
    let domain = byTable.get(key);
    if (domain === undefined) {
      const unshared = ![...byTable.values()].some(({ id }) => id === old.domainId);
      domain = this.#newDomain(old.table.levels, unshared ? old.domainId : undefined);
      if (domain === undefined) {
        this.drain(requesterId);
        return;
      }
      const { memory, pages, reads } = this.#how;
      containOldTable(memory, pages, domain.table, old.table, { mode: reads, display, budget: this.#budget });
      mapRegions(domain.table, regions);
      byTable.set(key, domain);
    }
    this.#place(requesterId, domain, old);
  }

  /** Where addresses are physical nobody knows which are in use: they stay what they are. */
  #passThrough(requesterId: number): void {
    this.#physical.add(requesterId);
    if (!this.#identityPossible) {
      this.drain(requesterId);
      return;
    }
    this.#through ??= this.#newDomain(this.#levels);
    if (this.#through === undefined) return;
    this.#openPhysical(this.#through.table);
    this.#place(requesterId, this.#through, undefined);
  }

  get #identityPossible(): boolean {
    return this.#how.passThrough === 'keep' && (this.#registers.capability.superpages & 1) !== 0;
  }

  #openPhysical(table: ContainedTable): void {
    const gigabytes = (this.#registers.capability.superpages & 2) !== 0;
    table.openIdentity(0, gigabytes ? table.limit : PHYSICAL_LIMIT, gigabytes);
  }

  #place(requesterId: number, domain: ContainedDomain, old: OldTranslation | undefined): void {
    const before = this.domains.get(requesterId);
    before?.requesterIds.splice(before.requesterIds.indexOf(requesterId), 1);
    domain.requesterIds.push(requesterId);
    this.domains.set(requesterId, domain);
    this.root.setContext(
      requesterId,
      this.root.scalable ? this.#scalableContext(domain, old) : this.#legacyContext(domain, old),
    );
  }

  #legacyContext(domain: ContainedDomain, old: OldTranslation | undefined): readonly number[] {
    const answersDeviceTlb =
      old !== undefined && contextTranslationType(old.words[0] ?? 0) === TRANSLATE_WITH_DEVICE_TLB;
    return contextEntry({
      translationType: answersDeviceTlb ? TRANSLATE_WITH_DEVICE_TLB : TRANSLATE_UNTRANSLATED_ONLY,
      pageTable: domain.table.root,
      levels: domain.table.levels,
      domainId: domain.id,
    });
  }

  #scalableContext(domain: ContainedDomain, old: OldTranslation | undefined): readonly number[] {
    const { memory, pages } = this.#how;
    const table = new PasidTable({ memory, allocatePage: () => pages.allocate() });
    const entry = pasidEntry({
      translationType: SECOND_LEVEL_TRANSLATION,
      domainId: domain.id,
      secondLevelTable: domain.table.root,
      secondLevelLevels: domain.table.levels,
    });
    const [word0 = 0, , word2 = 0] = old?.words ?? [];
    const ridPasid = scalableContextRidPasid(word2);
    for (const pasid of [ridPasid, ...(old?.pasids ?? [])]) {
      if (pasid < 0x8000) table.setEntry(pasid, entry);
    }
    const words = [
      ...scalableContextEntry({ pasidDirectory: table.directory, requestsWithoutPasid: ridPasid }),
    ];
    words[0] = ((words[0] ?? 0) | (word0 & KEPT_FLAGS) | CONTEXT_PRESENT) >>> 0;
    return words;
  }

  #newDomain(levels: number, wanted?: number): ContainedDomain | undefined {
    const id = wanted ?? this.#freeId();
    if (id === undefined) {
      this.#how.log(`DMAR: ${this.unit.name}: no domain ID is left for the scratch page`);
      return undefined;
    }
    this.usedIds.add(id);
    const { memory, pages } = this.#how;
    return { id, table: new ContainedTable(memory, pages, this.#sinks, levels), requesterIds: [] };
  }

  #freeId(): number | undefined {
    for (let id = 2; id < this.#registers.capability.domains; id++) if (!this.usedIds.has(id)) return id;
    return undefined;
  }

  /** Levels for requesters whose old table is unknown: those that Linux prefers. */
  get #levels(): number {
    const { supportedWidths } = this.#registers.capability;
    if ((supportedWidths & 4) !== 0) return 4;
    return (supportedWidths & 2) !== 0 ? 3 : 5;
  }

  #regionsOf(requesterId: number): readonly ReservedMemoryRegion[] {
    return this.#how.regions.filter(({ requesterIds }) => requesterIds.includes(requesterId));
  }
}
