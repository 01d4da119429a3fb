import {
  type Address,
  assert,
  type DmaRequest,
  type InterruptOutcome,
  type InterruptRequest,
  type MemoryAccess,
  newDmaRequest,
  newTranslationOutcome,
  type RegisterFile,
  type RemappingUnit,
  type RunningHash,
  type Snapshottable,
  type TranslationOutcome,
  type WriterId,
} from '@quiesce/simulation';
import { ConfigurationCache } from '../cache/configuration-cache.ts';
import { TranslationCache, type TranslationCacheState } from '../cache/translation-cache.ts';
import { GlobalError, GlobalErrors } from '../events/global-errors.ts';
import { CommandQueue, type DeviceTlbInvalidation } from '../queues/command-queue.ts';
import { EventQueue } from '../queues/event-queue.ts';
import { decodeFeatures, type Features } from '../registers/features.ts';
import {
  type Identification,
  REGISTER_SPACE,
  registerBlock,
  registerOffset,
} from '../registers/register-block.ts';
import { ConfigurationWalk } from '../walk/configuration-walk.ts';
import { PageWalk } from '../walk/page-walk.ts';
import type { AccessFails, TableAccess } from '../walk/table-access.ts';
import { guardRegisters, type WriteWhileEnabled } from './guarded-registers.ts';
import { passThrough, refuse } from './request-outcome.ts';
import { type FaultSink, StreamTranslation } from './stream-translation.ts';

const SMMUEN = 1;
const GBPA_ABORT = 0x10_0000;
const GBPA_UPDATE = 0x8000_0000;
/** Page 1 holds the event queue's indexes; both pages answer alike. */
const PAGE_1 = 0x1_0000;

/** A unit's place and features, the memory it reads its tables from, and who hears of faults. */
export interface SmmuUnitOptions extends Identification {
  /** As in kernel logs, e.g. `arm-smmu-v3.0.auto`. */
  readonly name: string;
  readonly segment: number;
  readonly registerBase: Address;
  readonly memory: MemoryAccess;
  /** Under whose name the unit writes events. Default 0. */
  readonly writer?: WriterId | undefined;
  /** What a write to STRTAB_BASE does while SMMUEN is 1; default `ignored`. */
  readonly writeWhileEnabled?: WriteWhileEnabled | undefined;
  /** GBPA.ABORT after a reset; default false: requests go through untranslated. */
  readonly abortsAfterReset?: boolean | undefined;
  /** Tells a failed table read from memory full of ones; by default all ones are a failed read. */
  readonly accessFails?: AccessFails | undefined;
  /** Carries CMD_ATC_INV to a device; false if it does not answer. */
  readonly onDeviceTlbInvalidate?: DeviceTlbInvalidation | undefined;
  /** Called for each request that is refused with an event. */
  readonly onFault?: FaultSink | undefined;
  /** The unit's wired interrupts, where IRQ_CTRL has them enabled. */
  readonly onInterrupt?: ((line: 'event-queue' | 'global-error') => void) | undefined;
}

/** All that a {@link SmmuUnit} keeps beside memory; queues and tables stand there. */
export interface SmmuUnitState {
  readonly registers: Uint8Array;
  readonly configurations: Float64Array;
  readonly translations: TranslationCacheState;
  readonly deviceTimedOut: boolean;
  readonly softwareErrors: number;
}

/** An Arm SMMUv3: registers in front, tables in memory behind, caches in between. Handshakes finish at once. */
export class SmmuUnit implements RemappingUnit, Snapshottable<SmmuUnitState> {
  readonly name: string;
  readonly segment: number;
  readonly registerBase: Address;
  readonly registerSize: number = REGISTER_SPACE;
  readonly features: Features;
  /** Writes to registers that were in use, e.g. STRTAB_BASE while SMMUEN was 1. */
  softwareErrors = 0;
  readonly #registers: RegisterFile;
  readonly #configurations: ConfigurationCache = new ConfigurationCache();
  readonly #translations: TranslationCache = new TranslationCache();
  readonly #commands: CommandQueue;
  readonly #streams: StreamTranslation;
  readonly #interrupt: DmaRequest = newDmaRequest();
  readonly #interruptOutcome: TranslationOutcome = newTranslationOutcome();

  constructor(options: SmmuUnitOptions) {
    this.name = options.name;
    this.segment = options.segment;
    this.registerBase = options.registerBase;
    this.features = decodeFeatures(options);
    const registers = registerBlock(options);
    this.#registers = registers;
    if (options.abortsAfterReset === true) {
      registers.poke32(registerOffset.GBPA, GBPA_ABORT);
      registers.setResetValue(registerOffset.GBPA + 2, GBPA_ABORT >>> 16);
    }
    const access: TableAccess = {
      memory: options.memory,
      writer: options.writer ?? 0,
      accessFails: options.accessFails ?? (() => true),
      addressLimit: 2 ** this.features.outputAddressBits,
    };
    // Queues are written and read where nothing answers only if somebody says so.
    const queueAccess: TableAccess = { ...access, accessFails: options.accessFails ?? (() => false) };
    const errors = new GlobalErrors(registers, () => options.onInterrupt?.('global-error'));
    const events = new EventQueue(registers, queueAccess, errors, this.features.largestEventQueue, () =>
      options.onInterrupt?.('event-queue'),
    );
    this.#commands = new CommandQueue({
      registers,
      access: queueAccess,
      errors,
      features: this.features,
      configurations: this.#configurations,
      translations: this.#translations,
      onDeviceTlbInvalidate: options.onDeviceTlbInvalidate,
    });
    this.#streams = new StreamTranslation({
      registers,
      configurations: this.#configurations,
      translations: this.#translations,
      configurationWalk: new ConfigurationWalk(registers, access, this.features, this.#configurations),
      pageWalk: new PageWalk(access),
      events,
      onFault: options.onFault,
    });
    this.#hookRegisters(options.writeWhileEnabled ?? 'ignored');
  }

  get enabled(): boolean {
    return (this.#registers.peek32(registerOffset.CR0ACK) & SMMUEN) !== 0;
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    if (this.enabled) this.#streams.translate(request, outcome);
    else if (this.#bypasses && request.addressType === 0) passThrough(request.address, 0, outcome);
    // A disabled unit answers no translation request and takes no translated address (SMMUv3 3.9.1).
    else refuse(request.address, 0, outcome);
  }

  /**
   * An interrupt message is a memory write to the doorbell of an ITS behind the unit. Stream table entry and global
   * bypass apply to it; its address is taken as mapped. What the ITS makes of it is not modelled: the data is the vector.
   */
  remapInterrupt(request: InterruptRequest, outcome: InterruptOutcome): void {
    const write = this.#interrupt;
    write.segment = request.segment;
    write.requesterId = request.requesterId;
    write.address = request.address;
    write.write = true;
    this.#interruptOutcome.reason = 0;
    outcome.delivered = this.enabled
      ? this.#streams.passesInterrupt(write, this.#interruptOutcome)
      : this.#bypasses;
    outcome.vector = request.data & 0xff;
    outcome.destination = (request.address >>> 12) & 0xff;
    outcome.reason = this.#interruptOutcome.reason;
    outcome.index = -1;
  }

  readRegister32(offset: number): number {
    const within = offset % PAGE_1;
    return within < this.#registers.size ? this.#registers.read(within, 4) : 0;
  }

  writeRegister32(offset: number, value: number): void {
    const within = offset % PAGE_1;
    if (within < this.#registers.size) this.#registers.write(within, 4, value);
  }

  /** Writes both halves of a 64-bit register, low half first. */
  writeWide(offset: number, low: number, high: number): void {
    this.writeRegister32(offset, low);
    this.writeRegister32(offset + 4, high);
  }

  /** The unit has met an error it cannot go on from (GERROR.SFM_ERR). */
  raiseServiceFailure(): void {
    new GlobalErrors(this.#registers, () => {}).raise(GlobalError.serviceFailure);
  }

  /** Power-on or platform reset: registers and caches. */
  reset(): void {
    this.#registers.reset('cold');
    this.#configurations.invalidateAll();
    this.#translations.invalidateAll();
    this.#commands.deviceTimedOut = false;
  }

  snapshot(): SmmuUnitState {
    return {
      registers: this.#registers.snapshot(),
      configurations: this.#configurations.snapshot(),
      translations: this.#translations.snapshot(),
      deviceTimedOut: this.#commands.deviceTimedOut,
      softwareErrors: this.softwareErrors,
    };
  }

  restore(state: SmmuUnitState): void {
    assert(state.registers.length === this.#registers.size, `${this.name}: state of another unit`);
    this.#registers.restore(state.registers);
    this.#configurations.restore(state.configurations);
    this.#translations.restore(state.translations);
    this.#commands.deviceTimedOut = state.deviceTimedOut;
    this.softwareErrors = state.softwareErrors;
  }

  hashInto(hash: RunningHash): void {
    this.#registers.hashInto(hash);
    this.#configurations.hashInto(hash);
    this.#translations.hashInto(hash);
    hash.word(this.#commands.deviceTimedOut ? 1 : 0);
    hash.word(this.softwareErrors);
  }

  get #bypasses(): boolean {
    return (this.#registers.peek32(registerOffset.GBPA) & GBPA_ABORT) === 0;
  }

  #hookRegisters(writeWhileEnabled: WriteWhileEnabled): void {
    const registers = this.#registers;
    guardRegisters(registers, writeWhileEnabled, () => {
      this.softwareErrors++;
    });
    registers.onWrite(registerOffset.CR0, 32, () => {
      registers.poke32(registerOffset.CR0ACK, registers.peek32(registerOffset.CR0));
      this.#commands.run();
    });
    registers.onWrite(registerOffset.IRQ_CTRL, 32, () => {
      registers.poke32(registerOffset.IRQ_CTRLACK, registers.peek32(registerOffset.IRQ_CTRL));
    });
    registers.onWrite(registerOffset.GBPA, 32, (at, written, previous) => {
      if ((written & GBPA_UPDATE) === 0) registers.poke32(at, previous);
    });
    registers.onWrite(registerOffset.CMDQ_PROD, 32, () => this.#commands.run());
    registers.onWrite(registerOffset.GERRORN, 32, () => this.#commands.run());
  }
}
