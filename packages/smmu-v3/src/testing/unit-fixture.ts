import {
  type Address,
  type DmaRequest,
  newDmaRequest,
  newTranslationOutcome,
  PhysicalMemory,
  type TranslationOutcome,
} from '@quiesce/simulation';
import { registerOffset } from '../registers/register-block.ts';
import { syncCommand } from '../tables/command.ts';
import { contextDescriptor } from '../tables/context-descriptor.ts';
import { decodeEventRecord, type EventRecord } from '../tables/event-record.ts';
import { PageTable } from '../tables/page-table.ts';
import { stage1StreamEntry } from '../tables/stream-entry.ts';
import { StreamTable } from '../tables/stream-table.ts';
import { queueBaseValue, streamTableRegisterValues } from '../tables/table-registers.ts';
import { readWords, type TableStorage, writeWords } from '../tables/table-storage.ts';
import { SmmuUnit, type SmmuUnitOptions } from '../unit/smmu-unit.ts';

/** IDR0: two-level stream tables, 16-bit ASID and VMID, ATS, coherent, AArch64, both stages. */
export const testIdr0: number = 0x0d44_1000 | 0x400 | 0x1b;
/** IDR1: 2^8 commands, 2^4 events, 8 bits of SubstreamID, 16 bits of StreamID. */
export const testIdr1: number = (8 << 21) | (4 << 16) | (8 << 6) | 16;
/** IDR5: 4 KiB pages, 48 bits. */
export const testIdr5 = 0x15;

/** CR0 */
export const SMMUEN = 1;
export const EVENTQEN = 4;
export const CMDQEN = 8;
export const ATSCHK = 0x10;

const EVENT_LOG2 = 2;
const COMMAND_LOG2 = 4;

/** A unit over 1 GiB of memory, and what a kernel needs to program it. */
export class UnitFixture {
  readonly memory: PhysicalMemory = new PhysicalMemory([
    { start: 0, end: 0x4000_0000, owner: 'first-kernel' },
  ]);
  readonly unit: SmmuUnit;
  readonly storage: TableStorage;
  readonly table: StreamTable;
  readonly commandQueue: Address = 0x8_0000;
  readonly eventQueue: Address = 0x9_0000;
  readonly interrupts: string[] = [];
  #nextPage = 0x10_0000;

  constructor(options: Partial<SmmuUnitOptions> = {}) {
    this.unit = new SmmuUnit({
      name: 'smmu0',
      segment: 0,
      registerBase: 0x280_0000,
      idr0: testIdr0,
      idr1: testIdr1,
      idr5: testIdr5,
      version: 1,
      memory: this.memory,
      accessFails: (address) => this.memory.ownerAt(address) !== 'first-kernel',
      onInterrupt: (line) => this.interrupts.push(line),
      ...options,
    });
    this.storage = { memory: this.memory, allocatePages: (pages) => this.allocate(pages) };
    this.table = StreamTable.create({ ...this.storage, log2Size: 16 });
  }

  allocate(pages = 1): Address {
    const bytes = pages * 4096;
    this.#nextPage = Math.ceil(this.#nextPage / bytes) * bytes + bytes;
    return this.#nextPage - bytes;
  }

  write(offset: number, value: number): void {
    this.unit.writeRegister32(offset, value);
  }

  read(offset: number): number {
    return this.unit.readRegister32(offset);
  }

  /** Points the unit at the stream table and at queues of 16 commands and 4 events, and switches everything on. */
  start(enables: number = SMMUEN | EVENTQEN | CMDQEN): this {
    const { low, high, config } = streamTableRegisterValues(this.table.place);
    this.write(registerOffset.CR2, 6);
    this.unit.writeWide(registerOffset.STRTAB_BASE, low, high);
    this.write(registerOffset.STRTAB_BASE_CFG, config);
    const commands = queueBaseValue(this.commandQueue, COMMAND_LOG2);
    this.unit.writeWide(registerOffset.CMDQ_BASE, commands.low, commands.high);
    const events = queueBaseValue(this.eventQueue, EVENT_LOG2);
    this.unit.writeWide(registerOffset.EVENTQ_BASE, events.low, events.high);
    this.write(registerOffset.CR0, enables);
    return this;
  }

  /** Puts commands and a CMD_SYNC into the queue. */
  submit(...commands: readonly (readonly number[])[]): void {
    let prod = this.read(registerOffset.CMDQ_PROD);
    for (const command of [...commands, syncCommand()]) {
      writeWords(this.storage, this.commandQueue + (prod % 2 ** COMMAND_LOG2) * 16, command);
      prod = (prod + 1) % 2 ** (COMMAND_LOG2 + 1);
    }
    this.write(registerOffset.CMDQ_PROD, prod);
  }

  /** A stage 1 domain for a stream, with an empty page table. */
  attach(
    streamId: number,
    asid: number,
    fields: Partial<Parameters<typeof contextDescriptor>[0]> & { readonly ats?: boolean } = {},
  ): { readonly pages: PageTable; readonly context: Address } {
    const pages = new PageTable({ ...this.storage, stage: 1, levels: 4 });
    const context = this.allocate();
    writeWords(
      this.storage,
      context,
      contextDescriptor({ pageTable: pages.root, levels: 4, asid, ...fields }),
    );
    this.table.setEntry(streamId, stage1StreamEntry({ context, ats: fields.ats ?? false }));
    return { pages, context };
  }

  dma(streamId: number, address: Address, request: Partial<DmaRequest> = {}): TranslationOutcome {
    const outcome = newTranslationOutcome();
    this.unit.translate({ ...newDmaRequest(), requesterId: streamId, address, ...request }, outcome);
    return outcome;
  }

  /** The records in the event queue, oldest first, without taking them. */
  events(): EventRecord[] {
    const prod = this.read(registerOffset.EVENTQ_PROD) & 0x7fff_ffff;
    const records: EventRecord[] = [];
    for (let at = this.read(registerOffset.EVENTQ_CONS) & 0x7fff_ffff; at !== prod; ) {
      const slot = this.eventQueue + (at % 2 ** EVENT_LOG2) * 32;
      records.push(decodeEventRecord(readWords(this.memory, slot, 8)));
      at = (at + 1) % 2 ** (EVENT_LOG2 + 1);
    }
    return records;
  }

  /** Takes all events, as a handler does. */
  takeEvents(): EventRecord[] {
    const records = this.events();
    this.write(registerOffset.EVENTQ_CONS, this.read(registerOffset.EVENTQ_PROD));
    return records;
  }

  /** Overwrites one dword of a stream's entry. */
  patchEntry(streamId: number, word: number, value: number): void {
    const entry = this.table.entryAddress(streamId) as Address;
    this.memory.write32(entry + 4 * word, value, 0);
  }
}
