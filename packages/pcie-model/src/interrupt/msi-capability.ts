import type { RegisterFile } from '@quiesce/simulation';
import { msiControl } from '../config-space/message-interrupts.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { MSI } from './register-offsets.ts';

/** The MSI capability of a function, as software has programmed it (PCIe 7.7.1). */
export class MsiCapability {
  /** Offset of the capability. */
  readonly at: number;
  readonly #file: RegisterFile;
  readonly #wide: boolean;
  readonly #maskable: boolean;

  static of(fn: PcieFunction): MsiCapability | undefined {
    const at = fn.config.msi;
    return at === 0 ? undefined : new MsiCapability(fn.config.file, at);
  }

  constructor(file: RegisterFile, at: number) {
    this.#file = file;
    this.at = at;
    const control = file.peek16(at + MSI.control);
    this.#wide = (control & MSI.wide) !== 0;
    this.#maskable = (control & MSI.maskable) !== 0;
  }

  /** Offsets in config space whose change can let pending messages go. */
  get watched(): readonly number[] {
    return this.#maskable ? [this.at, this.#maskAt] : [this.at];
  }

  get enabled(): boolean {
    return (this.#file.peek16(this.at + MSI.control) & MSI.enable) !== 0;
  }

  /** Vectors that software has given: 1, 2, 4 .. 32. */
  get vectors(): number {
    return 1 << Math.min(5, this.#file.get(msiControl.field['CONTROL.MULTIPLE_MESSAGE_ENABLE'], this.at));
  }

  get addressLow(): number {
    return this.#file.peek32(this.at + MSI.address);
  }

  get addressHigh(): number {
    return this.#wide ? this.#file.peek32(this.at + MSI.addressHigh) : 0;
  }

  /** Low bits of the data are the vector, as many as software has given. */
  dataFor(vector: number): number {
    const data = this.#file.peek16(this.at + (this.#wide ? MSI.dataWide : MSI.data));
    return (data & ~(this.vectors - 1)) | vector;
  }

  masked(vector: number): boolean {
    return this.#maskable && (this.#file.peek32(this.#maskAt) & (1 << vector)) !== 0;
  }

  get anyPending(): boolean {
    return this.#maskable && this.#file.peek32(this.#maskAt + 4) !== 0;
  }

  pending(vector: number): boolean {
    return this.#maskable && (this.#file.peek32(this.#maskAt + 4) & (1 << vector)) !== 0;
  }

  setPending(vector: number, pending: boolean): void {
    if (!this.#maskable) return;
    const old = this.#file.peek32(this.#maskAt + 4);
    this.#file.poke32(this.#maskAt + 4, (pending ? old | (1 << vector) : old & ~(1 << vector)) >>> 0);
  }

  get #maskAt(): number {
    return this.at + (this.#wide ? MSI.maskWide : MSI.mask);
  }
}
