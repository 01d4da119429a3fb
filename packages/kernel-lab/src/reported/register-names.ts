import {
  type ConfigSpace,
  commonHeader,
  conventionalBridgeControl,
  conventionalHeader,
  PortType,
  type0Header,
  type1Header,
} from '@quiesce/pcie-model';
import type { RegisterLayout } from '@quiesce/simulation';

/** What the registers of a config space are called, and which of their bits software clears by writing ones. */
export class RegisterNames {
  /** By first byte. */
  readonly #registers = new Map<number, { readonly name: string; readonly bytes: number }>();
  /** Bits by byte. */
  readonly #cleared = new Map<number, number>();

  constructor(space: ConfigSpace) {
    const bridge = space.headerType === 1;
    const conventional = space.express === 0 || space.portType === PortType.toPciBridge;
    this.#add(commonHeader, 0);
    if (space.express === 0) this.#add(conventionalHeader, 0);
    this.#add(bridge ? type1Header : type0Header, 0);
    if (bridge && conventional) this.#add(conventionalBridgeControl, 0);
    for (const { layouts, offset, extended } of space.capabilities) {
      for (const layout of layouts) this.#add(layout, offset);
      const name = `capability at 0x${offset.toString(16)}`;
      if (!this.#registers.has(offset)) this.#registers.set(offset, { name, bytes: extended ? 4 : 2 });
    }
  }

  /** Name of the register that begins at `at`, or the offset of what has no name. */
  nameOf(at: number): string {
    return this.#registers.get(at)?.name ?? `0x${at.toString(16).padStart(2, '0')}`;
  }

  /** Where the register that begins at `at` ends; without a name, where the next one begins or the dword ends. */
  endOf(at: number): number {
    const register = this.#registers.get(at);
    if (register !== undefined) return at + register.bytes;
    let end = at + 1;
    while (end % 4 !== 0 && !this.#registers.has(end)) end++;
    return end;
  }

  /** Bits of a byte that software clears by writing ones. */
  clearedByWriting(at: number): number {
    return this.#cleared.get(at) ?? 0;
  }

  #add(layout: RegisterLayout, base: number): void {
    for (const { name, offset, width, fields } of layout.registers) {
      const at = base + offset;
      if (!this.#registers.has(at)) {
        const full = base === 0 ? name : `${layout.name}: ${name}`;
        this.#registers.set(at, { name: full, bytes: Math.min(4, width / 8) });
      }
      for (const { access, high, low } of fields) {
        if (access !== 'RW1C') continue;
        for (let bit = low; bit <= high; bit++) {
          const byte = at + (bit >>> 3);
          this.#cleared.set(byte, this.clearedByWriting(byte) | (1 << (bit & 7)));
        }
      }
    }
  }
}
