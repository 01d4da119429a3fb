import type { PcieFunction } from '@quiesce/pcie-model';
import { type BitDeviation, bitDeviations } from './bit-deviations.ts';
import { bitsOf } from './deviation-bits.ts';

/** Which bits of a function are compared, and which are not written. */
export interface FunctionMasks {
  /** By byte: bits in which QEMU is known to differ. */
  readonly uncompared: Uint8Array;
  /** By byte: bits that neither side is given other than 0, for they would start what QEMU does not have. */
  readonly unwritten: Uint8Array;
  /** Which deviations cover a byte. */
  deviationsAt(offset: number, bits: number): readonly BitDeviation[];
}

/** The listed deviations, as far as they touch `fn`. */
export function functionMasks(fn: PcieFunction): FunctionMasks {
  const size = fn.config.size;
  const uncompared = new Uint8Array(size);
  const unwritten = new Uint8Array(size);
  const placed: { readonly deviation: BitDeviation; readonly bits: Uint8Array }[] = [];
  for (const deviation of bitDeviations) {
    const bits = bitsOf(deviation, fn);
    if (bits === undefined) continue;
    placed.push({ deviation, bits });
    const target = deviation.effect === 'not-written' ? unwritten : undefined;
    for (let at = 0; at < size; at++) {
      uncompared[at] = (uncompared[at] as number) | (bits[at] as number);
      if (target !== undefined) target[at] = (target[at] as number) | (bits[at] as number);
    }
  }
  return {
    uncompared,
    unwritten,
    deviationsAt: (offset, differing) =>
      placed.filter(({ bits }) => ((bits[offset] as number) & differing) !== 0).map((one) => one.deviation),
  };
}
