const region =
  /^\s*(?:\[(?:virtual|enhanced)\] )?(?:Region (\d): )?(?:\[(?:virtual|enhanced)\] )?(?:Memory at|I\/O ports at) (?:([0-9a-f]{1,16})|<\w+>)?.*\[size=(\d{1,15})([KMGT]?)\]/;

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Sizes of a function's regions as the verbose text says them. */
export class RegionSizes {
  readonly #byIndex: (number | undefined)[] = new Array(6).fill(undefined);
  readonly #byAddress: { readonly address: number; readonly size: number }[] = [];

  /** What several places say, the first first. */
  static merged(several: readonly RegionSizes[], bytes: Uint8Array): (number | undefined)[] {
    const [first, ...others] = several.map((one) => one.resolve(bytes));
    return (first ?? new Array<undefined>(6).fill(undefined)).map(
      (size, index) => size ?? others.find((one) => one[index] !== undefined)?.[index],
    );
  }

  /** One line of the verbose text. */
  take(line: string): void {
    const match = region.exec(line);
    if (match === null) return;
    const size = Number(match[3]) * (units[match[4] ?? ''] as number);
    // Sizes that no BAR can have are not worth keeping.
    if (size === 0 || size > 2 ** 52 || Math.log2(size) % 1 !== 0) return;
    const index = match[1] === undefined ? undefined : Number(match[1]);
    if (index !== undefined) {
      if (index < 6) this.#byIndex[index] = size;
    } else if (match[2] !== undefined && this.#byAddress.length < 6) {
      // `-v` gives no index: the address says which BAR it is.
      this.#byAddress.push({ address: Number.parseInt(match[2], 16), size });
    }
  }

  resolve(bytes: Uint8Array): (number | undefined)[] {
    const sizes = [...this.#byIndex];
    if (this.#byAddress.length === 0 || bytes.length < 0x28) return sizes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let index = 0; index < 6; index++) {
      const low = view.getUint32(0x10 + 4 * index, true);
      const isIo = (low & 1) === 1;
      const wide = !isIo && (low & 6) === 4 && index < 5;
      const high = wide ? view.getUint32(0x14 + 4 * index, true) : 0;
      const address = isIo ? (low & ~3) >>> 0 : high * 2 ** 32 + ((low & ~15) >>> 0);
      if (address !== 0) {
        const found = this.#byAddress.find((one) => one.address === address);
        if (found !== undefined) sizes[index] ??= found.size;
      }
      if (wide) index++;
    }
    return sizes;
  }
}
