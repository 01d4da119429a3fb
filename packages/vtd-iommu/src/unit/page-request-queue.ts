import {
  type Address,
  type DmaRequest,
  NO_PASID,
  newDmaRequest,
  newTranslationOutcome,
  type RegisterFile,
  type TranslationOutcome,
} from '@quiesce/simulation';
import { EventMessage, type EventSink } from '../fault-recording/event-message.ts';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';
import { registerOffset } from '../registers/register-block.ts';
import type { TableAccess } from '../walk/entry-access.ts';
import type { DmaRemapper } from './dma-remapper.ts';

/** A page request message as it comes from a device (PCIe 10.4.1), with the requester that sent it. */
export interface PageRequest {
  readonly requesterId: number;
  readonly address: Address;
  /** 20 bits, or `NO_PASID`. */
  readonly pasid: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute?: boolean;
  readonly privileged?: boolean;
  /** Page request group, 9 bits. */
  readonly group: number;
  /** Last of its group. */
  readonly last: boolean;
}

const DESCRIPTOR_BYTES = 32;
const PENDING = 0x1;
const OVERFLOW = 0x2;
/** FSTS.PRO */
const STATUS_OVERFLOW = 0x80;

/** The page request queue (VT-d 7.4): requests of devices as descriptors in memory, from PQH to PQT. */
export class PageRequestQueue {
  readonly #registers: RegisterFile;
  readonly #access: TableAccess;
  readonly #remapper: DmaRemapper;
  readonly #recorder: FaultRecorder;
  readonly #event: EventMessage;
  readonly #dma: DmaRequest = newDmaRequest();
  readonly #outcome: TranslationOutcome = newTranslationOutcome();

  constructor(
    registers: RegisterFile,
    access: TableAccess,
    remapper: DmaRemapper,
    recorder: FaultRecorder,
    sink: EventSink | undefined,
  ) {
    this.#registers = registers;
    this.#access = access;
    this.#remapper = remapper;
    this.#recorder = recorder;
    this.#event = new EventMessage(registers, registerOffset.PECTL, sink);
    registers.onWrite(registerOffset.PRS, 32, () => {
      const status = registers.peek32(registerOffset.PRS);
      if ((status & OVERFLOW) === 0) recorder.clearStatus(STATUS_OVERFLOW);
      if ((status & PENDING) === 0) this.#event.withdraw();
    });
  }

  /** @returns false when nothing was queued */
  request(request: PageRequest): boolean {
    const dma = this.#dma;
    dma.requesterId = request.requesterId;
    dma.address = request.address;
    dma.pasid = request.pasid;
    dma.write = request.write;
    dma.execute = request.execute === true;
    dma.privileged = request.privileged === true;
    if (!this.#remapper.allowsPageRequest(dma, this.#outcome)) return false;
    const file = this.#registers;
    const status = file.peek32(registerOffset.PRS);
    if ((status & OVERFLOW) !== 0) return false;
    const base = file.peek32(registerOffset.PQA);
    const bytes = 4096 * 2 ** (base & 7);
    const tail = file.peek32(registerOffset.PQT);
    const next = (tail + DESCRIPTOR_BYTES) % bytes;
    if (next === file.peek32(registerOffset.PQH)) {
      file.poke32(registerOffset.PRS, status | OVERFLOW);
      this.#recorder.setStatus(STATUS_OVERFLOW);
      return false;
    }
    const queue = file.peek32(registerOffset.PQA + 4) * 0x1_0000_0000 + ((base & 0xffff_f000) >>> 0);
    this.#write(queue + tail, request);
    file.poke32(registerOffset.PQT, next);
    file.poke32(registerOffset.PRS, status | PENDING);
    if ((status & PENDING) === 0) this.#event.raise();
    return true;
  }

  /** Page request descriptor (VT-d 7.4.1.1). */
  #write(at: Address, request: PageRequest): void {
    const { memory, writer } = this.#access;
    const withPasid = request.pasid !== NO_PASID;
    const word0 = 1 | (withPasid ? 0x100 : 0) | (request.requesterId << 16);
    const word1 =
      (withPasid ? request.pasid : 0) |
      (request.execute === true ? 1 << 20 : 0) |
      (request.privileged === true ? 1 << 21 : 0);
    const word2 =
      (request.read ? 1 : 0) |
      (request.write ? 2 : 0) |
      (request.last ? 4 : 0) |
      ((request.group & 0x1ff) << 3) |
      (request.address & 0xffff_f000);
    memory.write32(at, word0 >>> 0, writer);
    memory.write32(at + 4, word1, writer);
    memory.write32(at + 8, word2 >>> 0, writer);
    memory.write32(at + 12, Math.floor(request.address / 0x1_0000_0000), writer);
    for (let i = 16; i < DESCRIPTOR_BYTES; i += 4) memory.write32(at + i, 0, writer);
  }
}
