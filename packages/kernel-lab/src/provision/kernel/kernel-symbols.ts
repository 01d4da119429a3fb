import { UserError } from '@quiesce/simulation';

/** Where every kernel's text is linked: __START_KERNEL_map (arch/x86/include/asm/page_64_types.h), in halves of 32 bits. */
export const kernelMap = { high: 0xffff_ffff, low: 0x8000_0000 } as const;

/**
 * Where a kernel's functions and data stand when it was booted with `nokaslr`. Addresses of the kernel are beyond what a
 * number holds; they are given as distance from __START_KERNEL_map (0xffffffff80000000), which is also the physical address
 * that the kernel was linked for, or as the 16 hexadecimal digits of the virtual address.
 */
export class KernelSymbols {
  readonly #offsets: ReadonlyMap<string, readonly number[]>;

  /** @param offsets - by name; more than one where several files have a static symbol of that name */
  constructor(offsets: ReadonlyMap<string, readonly number[]>) {
    this.#offsets = offsets;
  }

  get size(): number {
    return this.#offsets.size;
  }

  /** Distance from __START_KERNEL_map: the lowest one of that name; undefined if there is none. */
  offset(name: string): number | undefined {
    return this.#offsets.get(name)?.[0];
  }

  /** Of every symbol of that name, ascending. */
  offsets(name: string): readonly number[] {
    return this.#offsets.get(name) ?? [];
  }

  /** The virtual address, 16 hexadecimal digits; undefined if there is no such symbol. */
  virtual(name: string): string | undefined {
    const offset = this.offset(name);
    return offset === undefined ? undefined : virtualAddress(offset);
  }

  /**
   * The distance from __START_KERNEL_map.
   * @throws UserError `LAB_SYMBOL` naming what the kernel does not have
   */
  require(name: string): number {
    const offset = this.offset(name);
    if (offset !== undefined) return offset;
    throw new UserError('LAB_SYMBOL', `This kernel has no symbol ${name}`, {
      expected: 'a kernel with CONFIG_KALLSYMS_ALL that was not linked without this function',
    });
  }

  /** Lines as /proc/kallsyms and System.map have them, by address. */
  toText(): string {
    const rows: [number, string][] = [];
    for (const [name, offsets] of this.#offsets) for (const offset of offsets) rows.push([offset, name]);
    rows.sort(([a], [b]) => a - b);
    return rows.map(([offset, name]) => `${virtualAddress(offset)} ? ${name}\n`).join('');
  }

  /** Reads System.map, or /proc/kallsyms of a kernel that was booted with `nokaslr`; modules' symbols are left out. */
  static fromText(text: string): KernelSymbols {
    const offsets = new Map<string, number[]>();
    for (const [, low, name] of text.matchAll(/^ffffffff([0-9a-f]{8}) \S (\S+)$/gm)) {
      addSymbol(offsets, name!, Number.parseInt(low!, 16) - kernelMap.low);
    }
    return new KernelSymbols(offsets);
  }
}

/** Enters a symbol, in order of addresses; what lies below __START_KERNEL_map is no address of the kernel and is left out. */
export function addSymbol(offsets: Map<string, number[]>, name: string, offset: number): void {
  if (offset < 0) return;
  const known = offsets.get(name);
  if (known === undefined) offsets.set(name, [offset]);
  else if (!known.includes(offset)) {
    known.push(offset);
    known.sort((a, b) => a - b);
  }
}

/** Virtual address at a distance from __START_KERNEL_map, 16 hexadecimal digits. */
export function virtualAddress(offset: number): string {
  return `ffffffff${(kernelMap.low + offset).toString(16).padStart(8, '0')}`;
}
