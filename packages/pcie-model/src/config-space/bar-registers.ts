import { type RegisterLayout, registerLayout, UserError } from '@quiesce/simulation';

const layouts = new Map<string, RegisterLayout>();

/** How a BAR decodes, from its read-only low bits (PCIe 7.5.1.2.1). */
export type BarKind = 'memory-32' | 'memory-64' | 'io';

/** Kind of the BAR whose low byte is `low`. */
export function barKind(low: number): BarKind {
  if ((low & 1) !== 0) return 'io';
  return (low & 6) === 4 ? 'memory-64' : 'memory-32';
}

/**
 * Layout of one BAR of `size` bytes (0: not implemented, or its size is unknown): the address bits above the size
 * are writable, so that writing all ones shows the size. It covers 4 bytes, or 8 for a 64-bit BAR.
 * Throws `BAR_SIZE` unless the size is 0 or a power of two of at least 16 (memory) or 4 (I/O) bytes.
 */
export function barRegisters(kind: BarKind, size: number): RegisterLayout {
  const key = `${kind} ${size}`;
  const known = layouts.get(key);
  if (known !== undefined) return known;
  const least = kind === 'io' ? 4 : 16;
  const exponent = Math.log2(size);
  const bits = kind === 'memory-64' ? 64 : 32;
  if (size !== 0 && (!(size >= least) || !Number.isInteger(exponent) || exponent >= Math.min(bits, 52))) {
    throw new UserError('BAR_SIZE', `a BAR cannot have ${size} bytes`, {
      expected: `0 or a power of two from ${least}`,
    });
  }
  const fixed = kind === 'io' ? 2 : 4;
  const effect = 'address at which the BAR decodes';
  const layout = registerLayout({
    name: `BAR ${key}`,
    specification: 'PCI Express Base Specification 6.0',
    size: bits / 8,
    registers: [
      {
        name: 'BAR',
        offset: 0,
        width: bits,
        section: '7.5.1.2.1',
        fields: [
          { name: 'KIND', high: fixed - 1, low: 0, access: 'RO' },
          ...(size === 0
            ? [{ name: 'ADDRESS', high: bits - 1, low: fixed, access: 'RsvdP' } as const]
            : [
                {
                  name: 'ADDRESS',
                  high: bits - 1,
                  low: exponent,
                  access: 'RW',
                  description: effect,
                } as const,
                ...(exponent > fixed
                  ? [{ name: 'SIZE', high: exponent - 1, low: fixed, access: 'RsvdP' } as const]
                  : []),
              ]),
        ],
      },
    ],
  });
  layouts.set(key, layout);
  return layout;
}
