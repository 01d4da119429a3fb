import {
  type Address,
  assert,
  type DmaRequest,
  type InterruptOutcome,
  type InterruptRequest,
  type MemoryAccess,
  type RegisterFile,
  type RemappingUnit,
  type RunningHash,
  type Snapshottable,
  type TranslationOutcome,
  type WriterId,
} from '@quiesce/simulation';
import type { RecentTranslations } from '../cache/recent-translations.ts';
import { UnitCaches, type UnitCachesState } from '../cache/unit-caches.ts';
import type { EventSink } from '../fault-recording/event-message.ts';
import { FaultRecorder, type FaultSink } from '../fault-recording/fault-recorder.ts';
import { InterruptRemapper, type InterruptRemapperState } from '../interrupt-remapping/interrupt-remapper.ts';
import { InvalidationQueue, type InvalidationSinks } from '../invalidation/invalidation-queue.ts';
import { RegisterInvalidation } from '../invalidation/register-invalidation.ts';
import { type Capability, decodeCapability, type WideValue } from '../registers/capability.ts';
import { peekWide, registerBlock, registerOffset } from '../registers/register-block.ts';
import {
  interruptTableAddress,
  interruptTableEntries,
  interruptTableExtended,
  LEGACY_MODE,
} from '../tables/table-registers.ts';
import { type AccessFails, allOnesFail, reservedHighBits, type TableAccess } from '../walk/entry-access.ts';
import { DmaRemapper } from './dma-remapper.ts';
import { CFI, GlobalCommand, IRE, QIE, TE } from './global-command.ts';
import { type PageRequest, PageRequestQueue } from './page-request-queue.ts';
import { ProtectedMemory } from './protected-memory.ts';

/** A unit's place and capabilities, the memory it reads its tables from, and who hears of its faults and events. */
export interface VtdUnitOptions extends InvalidationSinks {
  /** As in kernel logs, e.g. `dmar0`. */
  readonly name: string;
  /** PCI segment whose requests it sees. */
  readonly segment: number;
  readonly registerBase: Address;
  /** VER, e.g. 0x10. */
  readonly version: number;
  /** CAP */
  readonly capability: WideValue;
  /** ECAP */
  readonly extendedCapability: WideValue;
  readonly memory: MemoryAccess;
  /** Under whose name the unit writes memory (wait status, flags, posted interrupts). Default 0. */
  readonly writer?: WriterId | undefined;
  /** Host address width, bits; default 52. */
  readonly hostAddressBits?: number | undefined;
  /** Tells a failed table read from memory full of ones; by default all ones are a failed read. */
  readonly accessFails?: AccessFails | undefined;
  /** Called for each request that is refused with a fault, recorded or not. */
  readonly onFault?: FaultSink | undefined;
  /** The unit's fault event interrupt. */
  readonly onFaultEvent?: EventSink | undefined;
  readonly onPageRequestEvent?: EventSink | undefined;
}

/** All that a {@link VtdUnit} keeps beside memory; queue entries and tables stand there. */
export interface VtdUnitState {
  readonly registers: Uint8Array;
  readonly rootTable: Address;
  readonly mode: number;
  readonly caches: UnitCachesState;
  readonly interrupts: InterruptRemapperState;
  readonly queueAbandons: boolean;
  readonly nextRecord: number;
  readonly softwareErrors: number;
}

/**
 * An Intel VT-d remapping unit: registers in front, tables in memory behind, caches in between.
 * Handshakes finish within the register write; memory is always coherent with its page walks.
 */
export class VtdUnit implements RemappingUnit, Snapshottable<VtdUnitState> {
  readonly name: string;
  readonly segment: number;
  readonly registerBase: Address;
  readonly registerSize: number;
  readonly capability: Capability;
  /** Things software did that the specification forbids, e.g. changing the table mode while translation is on. */
  softwareErrors = 0;
  readonly #registers: RegisterFile;
  readonly #caches: UnitCaches = new UnitCaches();
  readonly #recent: RecentTranslations = this.#caches.recent;
  readonly #recorder: FaultRecorder;
  readonly #protectedMemory: ProtectedMemory;
  readonly #remapper: DmaRemapper;
  readonly #interrupts: InterruptRemapper;
  readonly #queue: InvalidationQueue;
  readonly #pageRequests: PageRequestQueue;
  readonly #command: GlobalCommand;

  constructor(options: VtdUnitOptions) {
    this.name = options.name;
    this.segment = options.segment;
    this.registerBase = options.registerBase;
    this.capability = decodeCapability(options.capability, options.extendedCapability);
    this.#registers = registerBlock(
      this.capability,
      options.version,
      options.capability,
      options.extendedCapability,
    );
    this.registerSize = this.#registers.size;
    const hostAddressBits = options.hostAddressBits ?? 52;
    const access: TableAccess = {
      memory: options.memory,
      writer: options.writer ?? 0,
      addressLimit: 2 ** hostAddressBits,
      reservedHigh: reservedHighBits(hostAddressBits),
      accessFails: options.accessFails ?? allOnesFail,
    };
    this.#recorder = new FaultRecorder(
      this.#registers,
      this.capability,
      options.onFault,
      options.onFaultEvent,
    );
    this.#protectedMemory = new ProtectedMemory(this.#registers, this.capability);
    this.#remapper = new DmaRemapper(
      access,
      this.capability,
      this.#caches,
      this.#recorder,
      this.#protectedMemory,
    );
    this.#interrupts = new InterruptRemapper(
      access,
      this.capability,
      this.#caches.interrupts,
      this.#recorder,
    );
    this.#queue = new InvalidationQueue(
      this.#registers,
      access,
      this.#caches,
      this.#recorder,
      options,
      this.capability,
    );
    this.#pageRequests = new PageRequestQueue(
      this.#registers,
      access,
      this.#remapper,
      this.#recorder,
      options.onPageRequestEvent,
    );
    new RegisterInvalidation(this.#registers, this.capability, this.#caches, () =>
      this.#refusesRegisterInvalidation(),
    );
    this.#command = new GlobalCommand(this.#registers, this.capability, {
      setTranslation: (on) => {
        this.#remapper.enabled = on;
        this.#recent.forget();
      },
      setRootTable: () => this.#setRootTable(),
      setQueuedInvalidation: (on) => this.#queue.setEnabled(on),
      setInterruptRemapping: (on) => {
        this.#interrupts.enabled = on;
      },
      setInterruptTable: () => this.#setInterruptTable(),
      setCompatibilityInterrupts: (on) => {
        this.#interrupts.compatibility = on;
      },
    });
    this.#registers.onWrite(registerOffset.FSTS, 32, () => {
      this.#recorder.statusWritten();
      // A queue that an error had frozen goes on when software has cleared it.
      this.#queue.run();
    });
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    if (!this.#recent.answer(request, outcome)) this.#remapper.translate(request, outcome);
  }

  remapInterrupt(request: InterruptRequest, outcome: InterruptOutcome): void {
    this.#interrupts.remap(request, outcome);
  }

  /**
   * A page request message of a device (PCIe 10.4).
   * @returns false when it was not queued: refused, switched off, or the queue has overflowed
   */
  requestPage(request: PageRequest): boolean {
    return this.capability.pageRequests && this.#pageRequests.request(request);
  }

  readRegister32(offset: number): number {
    return this.#registers.read(offset, 4);
  }

  writeRegister32(offset: number, value: number): void {
    this.#registers.write(offset, 4, value);
  }

  /** Both halves of a 64-bit register, low half first. */
  readWide(offset: number): WideValue {
    return { low: this.readRegister32(offset), high: this.readRegister32(offset + 4) };
  }

  /** Writes both halves of a 64-bit register, low half first: commands start with the high half. */
  writeWide(offset: number, low: number, high: number): void {
    this.writeRegister32(offset, low);
    this.writeRegister32(offset + 4, high);
  }

  /** Power-on or platform reset: registers and caches. Fault status and records are sticky over a warm one. */
  reset(kind: 'cold' | 'conventional'): void {
    this.#registers.reset(kind);
    this.#caches.invalidateDma();
    this.#caches.interrupts.invalidateAll();
    this.#remapper.rootTable = 0;
    this.#remapper.mode = 0;
    this.#interrupts.table = 0;
    this.#interrupts.entries = 2;
    this.#interrupts.extended = false;
    this.#queue.restore(false);
    if (kind === 'cold') this.#recorder.restore(0);
    this.#takeEnables();
  }

  snapshot(): VtdUnitState {
    return {
      registers: this.#registers.snapshot(),
      rootTable: this.#remapper.rootTable,
      mode: this.#remapper.mode,
      interrupts: this.#interrupts.snapshot(),
      caches: this.#caches.snapshot(),
      nextRecord: this.#recorder.snapshot(),
      queueAbandons: this.#queue.snapshot(),
      softwareErrors: this.softwareErrors,
    };
  }

  restore(state: VtdUnitState): void {
    assert(state.registers.length === this.registerSize, `${this.name}: state of another unit`);
    this.#registers.restore(state.registers);
    this.#remapper.rootTable = state.rootTable;
    this.#remapper.mode = state.mode;
    this.#interrupts.restore(state.interrupts);
    this.#caches.restore(state.caches);
    this.#recorder.restore(state.nextRecord);
    this.#queue.restore(state.queueAbandons);
    this.softwareErrors = state.softwareErrors;
    this.#takeEnables();
  }

  hashInto(hash: RunningHash): void {
    this.#registers.hashInto(hash);
    hash.number(this.#remapper.rootTable);
    hash.word(this.#remapper.mode);
    this.#interrupts.hashInto(hash);
    this.#caches.hashInto(hash);
    this.#recorder.hashInto(hash);
    this.#queue.hashInto(hash);
    hash.word(this.softwareErrors);
  }

  /** What follows from GSTS and PMEN, after they have been set from outside. */
  #takeEnables(): void {
    this.#recent.forget();
    this.#remapper.enabled = this.#command.isSet(TE);
    this.#interrupts.enabled = this.#command.isSet(IRE);
    this.#interrupts.compatibility = this.#command.isSet(CFI);
    this.#queue.enabled = this.#command.isSet(QIE);
    this.#protectedMemory.refresh();
  }

  /** SRTP: the root table register takes effect (VT-d 6.6, 10.4.6). */
  #setRootTable(): void {
    this.#recent.forget();
    const { low, high } = peekWide(this.#registers, registerOffset.RTADDR);
    const mode = (low >>> 10) & 3;
    this.#remapper.rootTable = high * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
    if (this.#remapper.enabled && mode !== this.#remapper.mode) this.softwareErrors++;
    else this.#remapper.mode = mode;
    if (this.capability.rootPointerInvalidates) this.#caches.invalidateDma();
  }

  /** SIRTP: the interrupt table register takes effect (VT-d 6.7, 10.4.30). */
  #setInterruptTable(): void {
    const { low, high } = peekWide(this.#registers, registerOffset.IRTA);
    this.#interrupts.table = interruptTableAddress(low, high);
    this.#interrupts.entries = interruptTableEntries(low);
    this.#interrupts.extended = interruptTableExtended(low);
    if (this.capability.interruptPointerInvalidates) this.#caches.interrupts.invalidateAll();
  }

  #refusesRegisterInvalidation(): boolean {
    const refuses = this.#command.isSet(QIE) || this.#remapper.mode !== LEGACY_MODE;
    if (refuses) this.softwareErrors++;
    return refuses;
  }
}
