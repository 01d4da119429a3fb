import type { Address, WriterId } from '@quiesce/simulation';
import {
  decodeEventRecord,
  decodeFeatures,
  type EventRecord,
  type Features,
  GlobalError,
  invalidateAllStreams,
  invalidateAllTranslations,
  queueBaseValue,
  readWords,
  registerOffset,
  type StreamTable,
  streamTableRegisterValues,
  syncCommand,
  writeWords,
} from '@quiesce/smmu-v3';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import type { PagePool } from '../../kernel/page-pool.ts';

/** Bits of CR0, and of CR0ACK that answers it. */
export const Enable = { smmu: 1, eventQueue: 4, commandQueue: 8, checkTranslated: 0x10 } as const;

const GBPA_UPDATE = 0x8000_0000;
const GBPA_ABORT = 0x10_0000;
/** CR1: tables and queues in inner shareable, write-back memory. */
const CACHED = 0xd75;
/** CR2: PTM, RECINVSID. */
const CONTROL2 = 6;
const EVENT_IRQ = 4;
const GLOBAL_ERROR_IRQ = 1;
const OVERFLOW = 0x8000_0000;
/** One page each: 256 commands, 128 events. */
const COMMAND_LOG2 = 8;
const EVENT_LOG2 = 7;
/** Polls of a register before a driver calls its hardware broken (Linux waits 1 s). */
const POLL_LIMIT = 100;

/** What a round over the event queue found. */
export interface TakenEvents {
  /** Each as the four 64-bit words that Linux prints, high dword first. */
  readonly events: readonly { readonly record: EventRecord; readonly words: readonly number[] }[];
  readonly lost: boolean;
}

/** One SMMUv3 as a kernel drives it: enables, queues, invalidations (arm-smmu-v3.c). */
export class SmmuDriver {
  readonly handle: RemappingUnitHandle;
  readonly features: Features;
  readonly #pages: PagePool;
  readonly #writer: WriterId;
  readonly #log: (line: string) => void;
  #commands: { readonly address: Address; prod: number } | undefined;
  #events: Address | undefined;

  constructor(handle: RemappingUnitHandle, pages: PagePool, writer: WriterId, log: (line: string) => void) {
    this.handle = handle;
    this.#pages = pages;
    this.#writer = writer;
    this.#log = log;
    this.features = decodeFeatures({
      idr0: handle.read32(registerOffset.IDR0),
      idr1: handle.read32(registerOffset.IDR1),
      idr5: handle.read32(registerOffset.IDR5),
      version: handle.read32(registerOffset.AIDR),
    });
  }

  /** A line of this device. */
  log(text: string): void {
    this.#log(`arm-smmu-v3 ${this.handle.name}: ${text}`);
  }

  get enabled(): boolean {
    return (this.handle.read32(registerOffset.CR0) & Enable.smmu) !== 0;
  }

  /** The unit has met an error it cannot go on from. */
  get failed(): boolean {
    return (this.#activeErrors() & GlobalError.serviceFailure) !== 0;
  }

  /** Writes CR0 and waits for CR0ACK (arm_smmu_write_reg_sync). */
  setEnables(bits: number): void {
    this.handle.write32(registerOffset.CR0, bits);
    for (let polls = 0; polls < POLL_LIMIT; polls++) {
      if (this.handle.read32(registerOffset.CR0ACK) === bits) return;
    }
    this.log(bits === 0 ? 'failed to clear cr0' : 'failed to enable SMMU interface');
  }

  get enables(): number {
    return this.handle.read32(registerOffset.CR0);
  }

  /** What becomes of requests while the unit is disabled (arm_smmu_update_gbpa). */
  setGlobalAbort(abort: boolean): void {
    const value = this.handle.read32(registerOffset.GBPA);
    const bits = abort ? value | GBPA_ABORT : value & ~GBPA_ABORT;
    this.handle.write32(registerOffset.GBPA, (bits | GBPA_UPDATE) >>> 0);
  }

  /** Attributes and stream table; the unit is disabled. */
  setStreamTable(table: StreamTable): void {
    const { low, high, config } = streamTableRegisterValues(table.place);
    this.handle.write32(registerOffset.CR1, CACHED);
    this.handle.write32(registerOffset.CR2, CONTROL2);
    this.handle.write32(registerOffset.STRTAB_BASE, low);
    this.handle.write32(registerOffset.STRTAB_BASE + 4, high);
    this.handle.write32(registerOffset.STRTAB_BASE_CFG, config);
  }

  /** A command queue of this kernel's own, if it is not there or was switched off; the other enables stay. */
  startCommandQueue(): void {
    const running = (this.enables & Enable.commandQueue) !== 0;
    if (this.#commands !== undefined && running) return;
    const others = this.enables & ~Enable.commandQueue;
    this.setEnables(others);
    if (this.#commands === undefined) this.log(`allocated ${2 ** COMMAND_LOG2} entries for cmdq`);
    const address = this.#commands?.address ?? this.#pages.allocate();
    this.#writeBase(registerOffset.CMDQ_BASE, address, COMMAND_LOG2);
    this.handle.write32(registerOffset.CMDQ_PROD, 0);
    this.handle.write32(registerOffset.CMDQ_CONS, 0);
    this.acknowledgeErrors();
    this.setEnables(others | Enable.commandQueue);
    this.#commands = { address, prod: 0 };
  }

  /** An event queue of this kernel's own, with its interrupt. */
  startEventQueue(): void {
    const others = this.enables & ~Enable.eventQueue;
    this.setEnables(others);
    const address = this.#pages.allocate();
    this.#writeBase(registerOffset.EVENTQ_BASE, address, EVENT_LOG2);
    this.handle.write32(registerOffset.EVENTQ_PROD, 0);
    this.handle.write32(registerOffset.EVENTQ_CONS, 0);
    this.setEnables(others | Enable.eventQueue);
    this.handle.write32(registerOffset.IRQ_CTRL, EVENT_IRQ | GLOBAL_ERROR_IRQ);
    this.#events = address;
    this.log(`allocated ${2 ** EVENT_LOG2} entries for evtq`);
  }

  /** CMD_CFGI_ALL and CMD_TLBI_NSNH_ALL, each with its CMD_SYNC. */
  invalidateEverything(): void {
    this.submit(invalidateAllStreams());
    this.submit(invalidateAllTranslations());
  }

  /** A command and a CMD_SYNC; the queue is started if it is not there. */
  submit(command: readonly number[]): void {
    this.startCommandQueue();
    const queue = this.#commands;
    if (queue === undefined) return;
    const storage = { memory: this.#pages.memory, writer: this.#writer };
    for (const words of [command, syncCommand()]) {
      writeWords(storage, queue.address + (queue.prod % 2 ** COMMAND_LOG2) * 16, words);
      queue.prod = (queue.prod + 1) % 2 ** (COMMAND_LOG2 + 1);
    }
    this.handle.write32(registerOffset.CMDQ_PROD, queue.prod);
    const cons = this.handle.read32(registerOffset.CMDQ_CONS);
    if (cons !== queue.prod) this.log(`CMD_SYNC timeout at 0x${cons.toString(16).padStart(8, '0')}`);
  }

  /** Takes what is in the event queue, if this kernel runs one (arm_smmu_evtq_thread). */
  takeEvents(): TakenEvents | undefined {
    if (this.#events === undefined || (this.enables & Enable.eventQueue) === 0) return undefined;
    const prod = this.handle.read32(registerOffset.EVENTQ_PROD);
    const cons = this.handle.read32(registerOffset.EVENTQ_CONS);
    const end = prod & ~OVERFLOW;
    const lost = ((prod ^ cons) & OVERFLOW) !== 0;
    let at = cons & ~OVERFLOW;
    if (at === end && !lost) return undefined;
    const events: { record: EventRecord; words: readonly number[] }[] = [];
    while (at !== end) {
      const words = readWords(this.#pages.memory, this.#events + (at % 2 ** EVENT_LOG2) * 32, 8);
      events.push({ record: decodeEventRecord(words), words });
      at = (at + 1) % 2 ** (EVENT_LOG2 + 1);
    }
    this.handle.write32(registerOffset.EVENTQ_CONS, prod);
    return { events, lost };
  }

  /** Latched global errors are acknowledged, whoever they were for (arm_smmu_gerror_handler). @returns their bits */
  acknowledgeErrors(): number {
    const active = this.#activeErrors();
    if (active !== 0) {
      this.handle.write32(registerOffset.GERRORN, this.handle.read32(registerOffset.GERROR));
    }
    return active;
  }

  #activeErrors(): number {
    return this.handle.read32(registerOffset.GERROR) ^ this.handle.read32(registerOffset.GERRORN);
  }

  #writeBase(offset: number, address: Address, log2: number): void {
    const { low, high } = queueBaseValue(address, log2);
    this.handle.write32(offset, low);
    this.handle.write32(offset + 4, high);
  }
}
