import {
  type Address,
  type DmaRequest,
  type InterruptOutcome,
  newDmaRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  PhysicalMemory,
  type TranslationOutcome,
} from '@quiesce/simulation';
import { completionWait } from '../commands/command-words.ts';
import { type AmdEventEntry, readEventEntry } from '../events/event-entry.ts';
import { AmdControl, amdRegister } from '../registers/iommu-registers.ts';
import { ringRegister } from '../registers/ring.ts';
import { DeviceTable, deviceTableRegister } from '../tables/device-table.ts';
import { type DeviceTableEntry, deviceTableEntry } from '../tables/device-table-entry.ts';
import { IoPageTable } from '../tables/io-page-table.ts';
import type { AmdTableStorage } from '../tables/table-storage.ts';
import { AmdUnit, type AmdUnitOptions } from '../unit/amd-unit.ts';

export const NIC = 0x0100;
export const DISK = 0x0200;
export const DEVICE_TABLE: Address = 0x100_0000;
export const COMMANDS: Address = 0x200_0000;
export const EVENTS: Address = 0x200_2000;
export const COMPLETION: Address = 0x200_4000;

/** A unit over memory, with rings and a device table of 16 pages, as a driver sets it up. */
export class UnitFixture {
  readonly memory: PhysicalMemory = new PhysicalMemory([
    { start: 0, end: 0x4000_0000, owner: 'first-kernel', label: 'RAM' },
    { start: 0x1_0000_0000, end: 0x1_4000_0000, owner: 'first-kernel', label: 'RAM above 4 GiB' },
  ]);
  readonly unit: AmdUnit;
  readonly table: DeviceTable;
  readonly storage: AmdTableStorage;
  readonly heard: AmdEventEntry[] = [];
  #page = 0x300_0000;
  #tail = 0;

  constructor(options: Partial<AmdUnitOptions> = {}) {
    const { memory } = this;
    this.unit = new AmdUnit({
      name: 'ivhd0',
      segment: 0,
      registerBase: 0xfd00_0000,
      features: { low: 0x40, high: 0 },
      memory,
      accessFails: (address) => memory.ownerAt(address) === 'none',
      onEvent: (event) => this.heard.push(event),
      ...options,
    });
    this.storage = { memory, allocatePage: () => (this.#page += 4096) };
    this.table = new DeviceTable({ memory, address: DEVICE_TABLE, pages: 16 });
    this.unit.writeWide(amdRegister.deviceTable, deviceTableRegister(DEVICE_TABLE, 16));
    this.unit.writeWide(amdRegister.commandBuffer, ringRegister(COMMANDS, 512));
    this.unit.writeWide(amdRegister.eventLog, ringRegister(EVENTS, 512));
  }

  /** IommuEn with log and command buffer. */
  enable(): this {
    const on = AmdControl.iommu | AmdControl.eventLog | AmdControl.commandBuffer;
    this.unit.writeRegister32(amdRegister.control, on);
    return this;
  }

  get status(): number {
    return this.unit.readRegister32(amdRegister.status);
  }

  /** Gives a device a page table of its own, and its entry. */
  attach(requesterId: number, domainId: number, more: Partial<DeviceTableEntry> = {}): IoPageTable {
    const pages = new IoPageTable({ ...this.storage, levels: 4 });
    this.table.setWords(
      requesterId,
      deviceTableEntry({
        valid: true,
        translationValid: true,
        levels: 4,
        pageTable: pages.root,
        read: true,
        write: true,
        domainId,
        ...more,
      }),
    );
    return pages;
  }

  dma(
    requesterId: number,
    address: Address,
    write = true,
    more: Partial<DmaRequest> = {},
  ): TranslationOutcome {
    const outcome = newTranslationOutcome();
    this.unit.translate({ ...newDmaRequest(), requesterId, address, write, ...more }, outcome);
    return outcome;
  }

  interrupt(requesterId: number, data: number): InterruptOutcome {
    const outcome = newInterruptOutcome();
    this.unit.remapInterrupt({ segment: 0, requesterId, address: 0xfee0_1000, data }, outcome);
    return outcome;
  }

  /** Puts commands into the buffer and rings the bell. */
  command(...commands: readonly (readonly number[])[]): void {
    for (const words of commands) {
      for (const [i, word] of words.entries()) this.memory.write32(COMMANDS + this.#tail + 4 * i, word, 0);
      this.#tail = (this.#tail + 16) % 8192;
    }
    this.unit.writeRegister32(amdRegister.commandTail, this.#tail);
  }

  /** True if a COMPLETION_WAIT comes back. */
  completes(value: number, at: Address = COMPLETION): boolean {
    this.command(completionWait(at, value));
    return this.memory.read32(at) === value;
  }

  /** Events in the log from its head on, in order; the head stays where it is. */
  log(): AmdEventEntry[] {
    const events: AmdEventEntry[] = [];
    const tail = this.unit.readRegister32(amdRegister.eventTail);
    for (let at = this.unit.readRegister32(amdRegister.eventHead); at !== tail; at = (at + 16) % 8192) {
      const event = readEventEntry(this.memory, EVENTS + at);
      if (event !== undefined) events.push(event);
    }
    return events;
  }
}
