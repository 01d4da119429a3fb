import type { RegisterFile } from '@quiesce/simulation';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { MsiXTable } from './msi-x-table.ts';
import { MSI_X } from './register-offsets.ts';

/** The MSI-X capability of a function and the table that it points to (PCIe 7.7.2). */
export class MsiXCapability {
  /** Offset of the capability. */
  readonly at: number;
  readonly table: MsiXTable;
  readonly #file: RegisterFile;

  static of(fn: PcieFunction): MsiXCapability | undefined {
    const at = fn.config.msix;
    return at === 0 ? undefined : new MsiXCapability(fn.config.file, at);
  }

  constructor(file: RegisterFile, at: number) {
    this.#file = file;
    this.at = at;
    const size = (file.peek16(at + MSI_X.control) & MSI_X.size) + 1;
    this.table = new MsiXTable(
      size,
      place(file.peek32(at + MSI_X.table)),
      place(file.peek32(at + MSI_X.pending)),
    );
  }

  /** Offsets in config space whose change can let pending messages go. */
  get watched(): readonly number[] {
    return [this.at];
  }

  get enabled(): boolean {
    return (this.#file.peek16(this.at + MSI_X.control) & MSI_X.enable) !== 0;
  }

  get functionMasked(): boolean {
    return (this.#file.peek16(this.at + MSI_X.control) & MSI_X.functionMask) !== 0;
  }
}

/** BAR indicator in bits 2:0, offset in the rest. */
function place(register: number): { readonly bar: number; readonly offset: number } {
  return { bar: register & MSI_X.bar, offset: (register & ~MSI_X.bar) >>> 0 };
}
