import type { RemappingUnitHandle } from '../../services/remapping-unit-handle.ts';

const GCMD = 0x18;
const GSTS = 0x1c;
const RTADDR = 0x20;
const CCMD = 0x28;
const IRTA = 0xb8;
const IOTLB = 0x108;
const TE = 0x8000_0000;
const SRTP = 0x4000_0000;
const SIRTP = 0x0100_0000;
const QIE = 0x0400_0000;
const STICKY = 0x9680_0000;

/**
 * The registers of a remapping unit as far as a strategy needs them to hand over tables (VT-d 10.4): the command and
 * status handshake, table pointers that are latched by a command, and register-based invalidation. It walks nothing.
 */
export class MiniUnit implements RemappingUnitHandle {
  readonly name = 'dmar0';
  readonly architecture = 'vt-d';
  readonly segment = 0;
  /** Every write, in order. */
  readonly writes: { readonly offset: number; readonly value: number }[] = [];
  /** What the hardware uses now: the value of RTADDR when SRTP was last given. */
  rootTable = 0;
  /** The value of IRTA when SIRTP was last given. */
  interruptTable = 0;
  /** Global invalidations since the table pointer last changed. */
  contextInvalidations = 0;
  iotlbInvalidations = 0;
  /** Translation was off at some time after the panic. */
  translationWasOff = false;
  readonly #registers = new Map<number, number>([
    [0x00, 0x10],
    // CAP: 39- and 48-bit address widths, 48-bit guest addresses, 65,536 domains. ECAP: QI, IR, IOTLB block at 0x100.
    [0x08, 0x002f_0606],
    [0x0c, 0x0000_0000],
    [0x10, 0x0000_100a],
    [0x14, 0],
  ]);

  covers(): boolean {
    return true;
  }

  /** As the first kernel has left it. */
  start(rootTable: number, status: number): void {
    this.rootTable = rootTable;
    this.#registers.set(RTADDR, rootTable);
    this.#registers.set(GSTS, status);
  }

  read32(offset: number): number {
    return offset === GCMD ? 0 : (this.#registers.get(offset) ?? 0);
  }

  write32(offset: number, value: number): void {
    this.writes.push({ offset, value: value >>> 0 });
    if (offset === GSTS || offset < GCMD) return;
    if (offset === GCMD) this.#command(value);
    else if (offset === CCMD + 4 || offset === IOTLB + 4) this.#invalidate(offset, value);
    else this.#registers.set(offset, value >>> 0);
  }

  /** Global invalidation of both caches, however the kernel's driver does it. */
  invalidateAll(): void {
    this.contextInvalidations++;
    this.iotlbInvalidations++;
  }

  #command(value: number): void {
    let status = this.read32(GSTS);
    status = ((status & ~STICKY) | (value & STICKY)) >>> 0;
    if ((value & SRTP) !== 0) {
      this.rootTable = this.read32(RTADDR) + this.read32(RTADDR + 4) * 0x1_0000_0000;
      this.contextInvalidations = 0;
      this.iotlbInvalidations = 0;
      status = (status | SRTP) >>> 0;
    }
    if ((value & SIRTP) !== 0) {
      this.interruptTable = this.read32(IRTA) + this.read32(IRTA + 4) * 0x1_0000_0000;
      status = (status | SIRTP) >>> 0;
    }
    if ((status & TE) === 0) this.translationWasOff = true;
    this.#registers.set(GSTS, status);
  }

  /** Done at once: the busy bit never shows. */
  #invalidate(offset: number, value: number): void {
    if ((value & 0x8000_0000) === 0) return;
    // With queued invalidation on, the registers are not to be used; here such a command is lost.
    if ((this.read32(GSTS) & QIE) !== 0) return;
    if (offset === CCMD + 4) {
      if (((value >>> 29) & 3) === 1) this.contextInvalidations++;
      this.#registers.set(offset, (value & 0x7fff_ffff) >>> 0);
    } else {
      if (((value >>> 28) & 3) === 1) this.iotlbInvalidations++;
      this.#registers.set(offset, (value & 0x7fff_ffff) >>> 0);
    }
  }
}
