import {
  type Address,
  assert,
  type DmaRequest,
  type InterruptOutcome,
  type InterruptRequest,
  type MemoryAccess,
  RegisterFile,
  type RemappingUnit,
  type RunningHash,
  type Snapshottable,
  type TranslationOutcome,
  type WriterId,
} from '@quiesce/simulation';
import { UnitCaches, type UnitCachesState } from '../cache/unit-caches.ts';
import { CommandProcessor, type DeviceTlbInvalidate } from '../commands/command-processor.ts';
import { type AmdEventSink, EventLog } from '../events/event-log.ts';
import { AmdControl, amdRegister, iommuRegisters, isLockedBySnp } from '../registers/iommu-registers.ts';
import { DeviceEntryFetch } from './device-entry-fetch.ts';
import { DmaTranslation } from './dma-translation.ts';
import { InterruptRemapping } from './interrupt-remapping.ts';
import type { TableAccess } from './table-access.ts';

/** Entries of the device table cache where nothing else is said. */
const DEVICE_TABLE_CACHE = 64;

/** A register of 64 bits as two words. */
export interface AmdWide {
  readonly low: number;
  readonly high: number;
}

/** A unit's place and features, the memory it reads its tables from, and who hears of its events. */
export interface AmdUnitOptions {
  /** `ivhd0` */
  readonly name: string;
  readonly segment: number;
  readonly registerBase: Address;
  /** Extended feature register. */
  readonly features: AmdWide;
  readonly memory: MemoryAccess;
  /** Under whose name the unit writes memory. Default 0. */
  readonly writer?: WriterId | undefined;
  /**
   * SNP is in force from the moment that software first sets IommuEn: the five base registers ignore writes until a
   * reset, and completions are stored into the completion store alone (48882, 2.12.2.1). Default false.
   */
  readonly locked?: boolean | undefined;
  /** Device table entries that the unit keeps, 64 by default; 0 reads the table for every request. */
  readonly deviceTableCache?: number | undefined;
  /** Table accesses there end in a hardware error; default nowhere. */
  readonly accessFails?: ((address: Address) => boolean) | undefined;
  readonly onDeviceTlbInvalidate?: DeviceTlbInvalidate | undefined;
  /** Told of every event, logged or lost. */
  readonly onEvent?: AmdEventSink | undefined;
  /** The unit's interrupt: an event was logged, or a completion asked for it. */
  readonly onInterrupt?: (() => void) | undefined;
}

/** All that an {@link AmdUnit} keeps beside memory. */
export interface AmdUnitState {
  readonly registers: Uint8Array;
  readonly basesLocked: boolean;
  readonly caches: UnitCachesState;
}

/** An AMD IOMMU: registers in front, tables in memory behind, caches in between. */
export class AmdUnit implements RemappingUnit, Snapshottable<AmdUnitState> {
  readonly name: string;
  readonly segment: number;
  readonly registerBase: Address;
  readonly registerSize: number;
  readonly #locks: boolean;
  readonly #registers: RegisterFile;
  readonly #caches: UnitCaches;
  readonly #events: EventLog;
  readonly #commands: CommandProcessor;
  readonly #translation: DmaTranslation;
  readonly #interrupts: InterruptRemapping;
  #basesLocked = false;

  constructor(options: AmdUnitOptions) {
    this.name = options.name;
    this.segment = options.segment;
    this.registerBase = options.registerBase;
    this.registerSize = iommuRegisters.size;
    this.#locks = options.locked ?? false;
    const registers = new RegisterFile(iommuRegisters.size);
    registers.place(iommuRegisters);
    fixWide(registers, amdRegister.features, options.features);
    this.#registers = registers;
    const access: TableAccess = {
      memory: options.memory,
      writer: options.writer ?? 0,
      fails: options.accessFails ?? (() => false),
    };
    this.#caches = new UnitCaches(options.deviceTableCache ?? DEVICE_TABLE_CACHE);
    this.#events = new EventLog(registers, access, options.onEvent, options.onInterrupt);
    this.#commands = new CommandProcessor({
      registers,
      access,
      caches: this.#caches,
      events: this.#events,
      invalidatesAll: registers.get(iommuRegisters.field['EFR.IASUP'] as never) === 1,
      storesConfined: () => this.#basesLocked,
      onDeviceTlbInvalidate: options.onDeviceTlbInvalidate,
      onInterrupt: options.onInterrupt,
    });
    const entries = new DeviceEntryFetch(registers, access, this.#caches.deviceTable);
    this.#translation = new DmaTranslation(access, this.#caches, this.#events, entries);
    this.#interrupts = new InterruptRemapping(access, this.#caches, this.#events, entries);
    registers.onWrite(amdRegister.control, 32, (_offset, written, previous) =>
      this.#controlWritten(written, previous),
    );
    registers.onWrite(amdRegister.commandTail, 32, () => this.#commands.run());
  }

  /** Software's writes to the base registers are ignored now. */
  get basesLocked(): boolean {
    return this.#basesLocked;
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    this.#translation.translate(request, outcome);
  }

  remapInterrupt(request: InterruptRequest, outcome: InterruptOutcome): void {
    this.#interrupts.remap(request, outcome);
  }

  readRegister32(offset: number): number {
    return this.#registers.read(offset, 4);
  }

  writeRegister32(offset: number, value: number): void {
    if (this.#basesLocked && isLockedBySnp(offset)) return;
    this.#registers.write(offset, 4, value);
  }

  /** Writes both halves of a register of 64 bits, low half first. */
  writeWide(offset: number, { low, high }: AmdWide): void {
    this.writeRegister32(offset, low);
    this.writeRegister32(offset + 4, high);
  }

  /** Power-on or platform reset: registers, caches and SNP's lock. */
  reset(kind: 'cold' | 'conventional'): void {
    this.#registers.reset(kind);
    this.#caches.invalidateAll();
    this.#basesLocked = false;
    this.#takeEnable();
  }

  snapshot(): AmdUnitState {
    return {
      registers: this.#registers.snapshot(),
      basesLocked: this.#basesLocked,
      caches: this.#caches.snapshot(),
    };
  }

  restore(state: AmdUnitState): void {
    assert(state.registers.length === this.registerSize, `${this.name}: state of another unit`);
    this.#registers.restore(state.registers);
    this.#basesLocked = state.basesLocked;
    this.#caches.restore(state.caches);
    this.#takeEnable();
  }

  hashInto(hash: RunningHash): void {
    this.#registers.hashInto(hash);
    hash.word(this.#basesLocked ? 1 : 0);
    this.#caches.hashInto(hash);
  }

  /** Logging and commands run while their own enable and IommuEn are set; an error stops them until they are set anew. */
  #controlWritten(written: number, previous: number): void {
    const on = (written & AmdControl.iommu) !== 0;
    const before = (previous & AmdControl.iommu) !== 0;
    this.#takeEnable();
    if (on && this.#locks) this.#basesLocked = true;
    const changed = (bit: number): number => {
      const is = on && (written & bit) !== 0;
      const was = before && (previous & bit) !== 0;
      return is === was ? 0 : is ? 1 : -1;
    };
    const log = changed(AmdControl.eventLog);
    if (log !== 0) this.#events.setRunning(log > 0);
    const commands = changed(AmdControl.commandBuffer);
    if (commands !== 0) this.#commands.setRunning(commands > 0);
  }

  #takeEnable(): void {
    const on = (this.#registers.peek32(amdRegister.control) & AmdControl.iommu) !== 0;
    this.#translation.enabled = on;
    this.#interrupts.enabled = on;
  }
}

/** A register that is as the machine says, also after a reset. */
function fixWide(registers: RegisterFile, offset: number, value: AmdWide): void {
  registers.poke32(offset, value.low);
  registers.poke32(offset + 4, value.high);
  for (let i = 0; i < 8; i++) {
    const word = i < 4 ? value.low : value.high;
    registers.setResetValue(offset + i, (word >>> (8 * (i % 4))) & 0xff);
  }
}
