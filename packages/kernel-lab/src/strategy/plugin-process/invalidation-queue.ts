import { PAGE_SIZE } from '@quiesce/simulation';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import {
  coreRegisters,
  type EntryWords,
  invalidateAllTranslations,
  invalidationQueueAddress,
  invalidationQueueBytes,
  invalidationQueueRegister,
  registerOffset,
  waitDescriptor,
} from '@quiesce/vtd-iommu';
import type { SynchronousGuest } from './synchronous-guest.ts';

const { GCMD, GSTS, IQA, IQH, IQT } = registerOffset;
const QIE = bit('QIE');
/** What a write of GCMD must restate (VT-d 10.4.4). */
const ENABLES = (bit('TE') + bit('EAFL') + QIE + bit('IRE') + bit('CFI')) >>> 0;
const POLLS = 1000;
const POLL_MS = 0.01;

/** How to reach a unit's queue and memory. */
export interface QueueAccess {
  readonly unit: RemappingUnitHandle;
  readonly guest: SynchronousGuest;
}

/** Queued invalidation is on (GSTS.QIES). */
export function queueIsOn({ unit }: QueueAccess): boolean {
  return (unit.read32(GSTS) & QIE) !== 0;
}

/**
 * Invalidates through a queue that a kernel has in use and goes on with, which must be idle. Descriptors are put into the
 * whole ring and it is gone round once, so that head and tail stand afterwards where the kernel's driver believes them to
 * be; then the ring gets its old bytes back. Flushing the IOTLB again and again fills what is not needed.
 *
 * @param statusAddress dword of memory that no kernel uses
 * @param wide its descriptors have 256 bits
 * @returns false, with nothing done, if the queue is not idle; and if it does not come to its end
 */
export function goRoundQueue(
  access: QueueAccess,
  statusAddress: number,
  wanted: readonly EntryWords[],
  wide: boolean,
): boolean {
  const { unit, guest } = access;
  const low = unit.read32(IQA);
  const address = invalidationQueueAddress(low, unit.read32(IQA + 4));
  const bytes = invalidationQueueBytes(low);
  const each = wide ? 32 : 16;
  const tail = unit.read32(IQT);
  if (unit.read32(IQH) !== tail || tail >= bytes || tail % each !== 0) return false;
  const before = guest.readBytes(address, bytes);
  const ring = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += each) writeDescriptor(ring, at, invalidateAllTranslations());
  guest.write(statusAddress, 4, 0);
  const descriptors = [...wanted, waitDescriptor(statusAddress, 1)];
  for (const [index, words] of descriptors.entries())
    writeDescriptor(ring, (tail + index * each) % bytes, words);
  guest.writeBytes(address, ring);
  // Tail equal to head means empty: once round takes two steps.
  const done = [(tail + bytes / 2) % bytes, tail].every((next) => {
    unit.write32(IQT, next);
    return until(guest, () => unit.read32(IQH) === next);
  });
  guest.writeBytes(address, before);
  return done && guest.read(statusAddress, 4) === 1;
}

/** A queue of the lab, for a unit that has none, or one of a kernel that is gone. One page, and one for its status. */
export class LabQueue {
  readonly #access: QueueAccess;
  readonly #address: number;
  readonly #descriptorBytes: 16 | 32;
  #tail = 0;
  #sequence = 0;

  /** @param address two pages of memory that no kernel uses; `wide` for descriptors of 256 bits */
  constructor(access: QueueAccess, address: number, wide: boolean) {
    this.#access = access;
    this.#address = address;
    this.#descriptorBytes = wide ? 32 : 16;
  }

  /** The unit uses this queue now. */
  get isOn(): boolean {
    const { unit } = this.#access;
    const address = invalidationQueueAddress(unit.read32(IQA), unit.read32(IQA + 4));
    return queueIsOn(this.#access) && address === this.#address;
  }

  /** Gives up whatever queue the unit has (dmar_disable_qi) and starts this one. False if the unit does not follow. */
  start(): boolean {
    const { unit, guest } = this.#access;
    const enabled = (): number => (unit.read32(GSTS) & ENABLES & ~QIE) >>> 0;
    if (queueIsOn(this.#access)) {
      until(guest, () => unit.read32(IQH) === unit.read32(IQT));
      unit.write32(GCMD, enabled());
      if (!until(guest, () => !queueIsOn(this.#access))) return false;
    }
    unit.write32(IQT, 0);
    unit.write32(IQT + 4, 0);
    const { low, high } = invalidationQueueRegister(this.#address, 1, this.#descriptorBytes === 32);
    unit.write32(IQA, low);
    unit.write32(IQA + 4, high);
    this.#tail = 0;
    unit.write32(GCMD, (enabled() | QIE) >>> 0);
    return until(guest, () => queueIsOn(this.#access));
  }

  /** Returns false if the unit does not get through with it in time. */
  submit(wanted: readonly EntryWords[]): boolean {
    const { unit, guest } = this.#access;
    const status = this.#address + PAGE_SIZE;
    this.#sequence++;
    for (const words of [...wanted, waitDescriptor(status, this.#sequence)]) {
      const descriptor = new Uint8Array(this.#descriptorBytes);
      writeDescriptor(descriptor, 0, words);
      guest.writeBytes(this.#address + this.#tail, descriptor);
      this.#tail = (this.#tail + this.#descriptorBytes) % PAGE_SIZE;
    }
    unit.write32(IQT, this.#tail);
    return until(guest, () => guest.read(status, 4) === this.#sequence);
  }
}

function writeDescriptor(into: Uint8Array, at: number, words: EntryWords): void {
  const view = new DataView(into.buffer, into.byteOffset + at);
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
}

function until(guest: SynchronousGuest, done: () => boolean): boolean {
  for (let poll = 0; poll < POLLS; poll++) {
    if (done()) return true;
    guest.wait(POLL_MS);
  }
  return done();
}

function bit(name: string): number {
  return 2 ** coreRegisters.field[`GCMD.${name}`]!.low;
}
