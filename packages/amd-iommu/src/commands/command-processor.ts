import type { Address, RegisterFile } from '@quiesce/simulation';
import type { UnitCaches } from '../cache/unit-caches.ts';
import { AmdEvent } from '../events/event-entry.ts';
import type { EventLog } from '../events/event-log.ts';
import { AmdControl, AmdStatus, amdRegister } from '../registers/iommu-registers.ts';
import { ringAddress, ringBytes } from '../registers/ring.ts';
import { encodedPageBytes } from '../tables/page-entry.ts';
import type { TableAccess } from '../unit/table-access.ts';
import { COMMAND_BYTES, Command } from './command-words.ts';

/** Carries an invalidation to a device's own translations; false if the device does not answer. */
export type DeviceTlbInvalidate = (requesterId: number, address: Address, bytes: number) => boolean;

/** What the processor of commands needs of the unit around it. */
export interface CommandSurroundings {
  readonly registers: RegisterFile;
  readonly access: TableAccess;
  readonly caches: UnitCaches;
  readonly events: EventLog;
  /** EFR.IASup */
  readonly invalidatesAll: boolean;
  /** SNP: completions are stored between STOREBASE and STORELIMIT alone. */
  readonly storesConfined: () => boolean;
  readonly onDeviceTlbInvalidate: DeviceTlbInvalidate | undefined;
  /** The unit's interrupt. */
  readonly onInterrupt: (() => void) | undefined;
}

/** The command buffer: a ring in memory that software fills; commands are carried out at once (48882, 2.4). */
export class CommandProcessor {
  readonly #unit: CommandSurroundings;

  constructor(unit: CommandSurroundings) {
    this.#unit = unit;
  }

  /** CmdBufRun */
  get running(): boolean {
    return (this.#unit.registers.peek32(amdRegister.status) & AmdStatus.commandBufferRunning) !== 0;
  }

  setRunning(on: boolean): void {
    const { registers } = this.#unit;
    const status = registers.peek32(amdRegister.status) & ~AmdStatus.commandBufferRunning;
    registers.poke32(amdRegister.status, on ? status | AmdStatus.commandBufferRunning : status);
    if (on) this.run();
  }

  /** Fetches and carries out commands until the head has reached the tail, or an error stops it. */
  run(): void {
    const { registers, access } = this.#unit;
    const bytes = ringBytes(registers.peek32(amdRegister.commandBuffer + 4));
    const base = ringAddress(registers, amdRegister.commandBuffer);
    const tail = registers.peek32(amdRegister.commandTail) % bytes;
    while (this.running) {
      const head = registers.peek32(amdRegister.commandHead) % bytes;
      if (head === tail) return;
      const at = base + head;
      if (access.fails(at)) {
        this.#stop(AmdEvent.commandHardwareError, at);
        return;
      }
      const { memory } = access;
      const done = this.#execute(
        memory.read32(at),
        memory.read32(at + 4),
        memory.read32(at + 8),
        memory.read32(at + 12),
      );
      if (!done) {
        this.#stop(AmdEvent.illegalCommand, at);
        return;
      }
      registers.poke32(amdRegister.commandHead, (head + COMMAND_BYTES) % bytes);
    }
  }

  #stop(code: number, at: Address): void {
    this.setRunning(false);
    this.#unit.events.record(code, 0, 0, 0, at);
  }

  /** False for a command that the unit does not know. */
  #execute(word0: number, word1: number, word2: number, word3: number): boolean {
    const { caches } = this.#unit;
    switch (word1 >>> 28) {
      case Command.completionWait:
        this.#complete(word0, word1, word2, word3);
        return true;
      case Command.invalidateDeviceTableEntry:
        caches.deviceTable.invalidate(word0 & 0xffff);
        return true;
      case Command.invalidatePages: {
        const start = rangeStart(word2, word3);
        caches.ioTlb.invalidatePages(word1 & 0xffff, start, rangeBytes(word2, word3, start));
        return true;
      }
      case Command.invalidateDeviceTlbPages:
        this.#invalidateDeviceTlb(word0 & 0xffff, word2, word3);
        return true;
      case Command.invalidateInterruptTable:
        caches.interrupts.invalidate(word0 & 0xffff);
        return true;
      case Command.invalidateAll:
        if (this.#unit.invalidatesAll) caches.invalidateAll();
        return this.#unit.invalidatesAll;
      default:
        return false;
    }
  }

  /** COMPLETION_WAIT (48882, 2.4.1): S in bit 0, I in bit 1, an address of 51:3 and 64 bits of data. */
  #complete(word0: number, word1: number, word2: number, word3: number): void {
    const { registers, access } = this.#unit;
    if ((word0 & 1) !== 0) {
      const at = (word1 & 0xf_ffff) * 0x1_0000_0000 + ((word0 & 0xffff_fff8) >>> 0);
      if (!access.fails(at) && this.#mayStore(at)) {
        access.memory.write32(at, word2, access.writer);
        access.memory.write32(at + 4, word3, access.writer);
      }
    }
    if ((word0 & 2) !== 0) {
      const status = registers.peek32(amdRegister.status);
      registers.poke32(amdRegister.status, status | AmdStatus.completionWaitInterrupt);
      const control = registers.peek32(amdRegister.control);
      if ((control & AmdControl.completionWaitInterrupt) !== 0) this.#unit.onInterrupt?.();
    }
  }

  #mayStore(at: Address): boolean {
    if (!this.#unit.storesConfined()) return true;
    const { registers } = this.#unit;
    const first = ringAddress(registers, amdRegister.storeBase);
    return at >= first && at < ringAddress(registers, amdRegister.storeLimit) + 4096;
  }

  #invalidateDeviceTlb(requesterId: number, word2: number, word3: number): void {
    const sink = this.#unit.onDeviceTlbInvalidate;
    if (sink === undefined) return;
    const start = rangeStart(word2, word3);
    if (sink(requesterId, start, rangeBytes(word2, word3, start))) return;
    this.#unit.events.record(AmdEvent.deviceTlbTimeout, requesterId, 0, 0, start);
  }
}

/** S with an address of all ones but bit 63: everything. */
function isEverything(word2: number, word3: number): boolean {
  return (word2 & 1) !== 0 && word3 >= 0x7fff_ffff;
}

function rangeStart(word2: number, word3: number): Address {
  if (isEverything(word2, word3)) return 0;
  const address = (word3 & 0xf_ffff) * 0x1_0000_0000 + ((word2 & 0xffff_f000) >>> 0);
  return (word2 & 1) === 0 ? address : address - (address % encodedPageBytes(address));
}

function rangeBytes(word2: number, word3: number, start: Address): number {
  if (isEverything(word2, word3)) return 2 ** 52;
  if ((word2 & 1) === 0) return 4096;
  const address = (word3 & 0xf_ffff) * 0x1_0000_0000 + ((word2 & 0xffff_f000) >>> 0);
  return Math.max(4096, encodedPageBytes(Math.max(address, start)));
}
