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
import { ContextCache } from '../cache/context-cache.ts';
import { IoTlb, type IoTlbState } from '../cache/io-tlb.ts';
import type { EventSink } from '../fault-recording/event-message.ts';
import { FaultRecorder, type FaultSink } from '../fault-recording/fault-recorder.ts';
import { type Capability, decodeCapability, type WideValue } from '../registers/capability.ts';
import { peekWide, registerBlock, registerOffset } from '../registers/register-block.ts';
import { type AccessFails, allOnesFail, reservedHighBits, type TableAccess } from '../walk/entry-access.ts';
import { DmaRemapper } from './dma-remapper.ts';
import { GlobalCommand, TE } from './global-command.ts';

export interface VtdUnitOptions {
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
  readonly writer?: WriterId;
  /** Host address width, bits; default 52. */
  readonly hostAddressBits?: number;
  /** Tells a failed table read from memory full of ones; by default all ones are a failed read. */
  readonly accessFails?: AccessFails;
  readonly onFault?: FaultSink;
  readonly onFaultEvent?: EventSink;
}

export interface VtdUnitState {
  readonly registers: Uint8Array;
  readonly rootTable: Address;
  readonly mode: number;
  readonly contexts: Float64Array;
  readonly tlb: IoTlbState;
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
  readonly #contexts: ContextCache = new ContextCache();
  readonly #tlb: IoTlb = new IoTlb();
  readonly #recorder: FaultRecorder;
  readonly #remapper: DmaRemapper;
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
      hostAddressBits,
      reservedHigh: reservedHighBits(hostAddressBits),
      accessFails: options.accessFails ?? allOnesFail,
    };
    this.#recorder = new FaultRecorder(
      this.#registers,
      this.capability,
      options.onFault,
      options.onFaultEvent,
    );
    this.#remapper = new DmaRemapper(access, this.capability, this.#contexts, this.#tlb, this.#recorder);
    this.#registers.onWrite(registerOffset.FSTS, 32, () => this.#recorder.statusWritten());
    this.#command = new GlobalCommand(this.#registers, this.capability, {
      setTranslation: (on) => {
        this.#remapper.enabled = on;
      },
      setRootTable: () => this.#setRootTable(),
      setQueuedInvalidation: () => {},
      setInterruptRemapping: () => {},
      setInterruptTable: () => {},
      setCompatibilityInterrupts: () => {},
    });
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    this.#remapper.translate(request, outcome);
  }

  remapInterrupt(request: InterruptRequest, outcome: InterruptOutcome): void {
    outcome.delivered = true;
    outcome.vector = request.data & 0xff;
    outcome.destination = (request.address >>> 12) & 0xff;
    outcome.reason = 0;
    outcome.index = -1;
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
    this.#contexts.invalidateAll();
    this.#tlb.invalidateAll();
    this.#remapper.enabled = false;
    this.#remapper.rootTable = 0;
    this.#remapper.mode = 0;
    if (kind === 'cold') this.#recorder.restore(0);
  }

  snapshot(): VtdUnitState {
    return {
      registers: this.#registers.snapshot(),
      rootTable: this.#remapper.rootTable,
      mode: this.#remapper.mode,
      contexts: this.#contexts.snapshot(),
      tlb: this.#tlb.snapshot(),
      nextRecord: this.#recorder.snapshot(),
      softwareErrors: this.softwareErrors,
    };
  }

  restore(state: VtdUnitState): void {
    assert(state.registers.length === this.registerSize, `${this.name}: state of another unit`);
    this.#registers.restore(state.registers);
    this.#remapper.rootTable = state.rootTable;
    this.#remapper.mode = state.mode;
    this.#remapper.enabled = this.#command.isSet(TE);
    this.#contexts.restore(state.contexts);
    this.#tlb.restore(state.tlb);
    this.#recorder.restore(state.nextRecord);
    this.softwareErrors = state.softwareErrors;
  }

  hashInto(hash: RunningHash): void {
    this.#registers.hashInto(hash);
    hash.number(this.#remapper.rootTable);
    hash.word(this.#remapper.mode);
    this.#contexts.hashInto(hash);
    this.#tlb.hashInto(hash);
    this.#recorder.hashInto(hash);
    hash.word(this.softwareErrors);
  }

  /** SRTP: the root table register takes effect (VT-d 6.6, 10.4.6). */
  #setRootTable(): void {
    const { low, high } = peekWide(this.#registers, registerOffset.RTADDR);
    const mode = (low >>> 10) & 3;
    this.#remapper.rootTable = high * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
    if (this.#remapper.enabled && mode !== this.#remapper.mode) this.softwareErrors++;
    else this.#remapper.mode = mode;
    if (this.capability.rootPointerInvalidates) {
      this.#contexts.invalidateAll();
      this.#tlb.invalidateAll();
    }
  }
}
