import type { FaultGroup } from '../diagnosis.ts';

/**
 * What an address looks like. Linux gives out I/O virtual addresses from 4 GiB downwards, where no RAM is; physical
 * addresses of RAM lie lower, or above 4 GiB.
 */
export type AddressClass = 'zero' | 'allocated' | 'physical' | 'unknown';

/** Below this no driver's buffer of a PC lies: the first MiB is firmware's. */
export const FIRST_MIB = 0x10_0000;
/** From here to 4 GiB PCs have device windows and flash: an address there is no RAM, so somebody allocated it. */
const TOP_OF_LOW_MEMORY = 0xe000_0000;
const FOUR_GIB = 0x1_0000_0000;
/** Beyond this no machine has RAM. */
const LIMIT_OF_RAM = 2 ** 46;

/** By the lowest and the highest address of a group. */
export function addressClass(group: FaultGroup): AddressClass {
  const lowest = addressOf(group.addresses?.lowest ?? group.example.address);
  const highest = addressOf(group.addresses?.highest ?? group.example.address);
  if (lowest === undefined || highest === undefined) return 'unknown';
  if (highest < 0x1000) return 'zero';
  if (lowest >= TOP_OF_LOW_MEMORY && highest < FOUR_GIB) return 'allocated';
  if (lowest >= 0x1000 && (highest < TOP_OF_LOW_MEMORY || lowest >= FOUR_GIB) && highest < LIMIT_OF_RAM)
    return 'physical';
  return 'unknown';
}

/** An address as logs print it; undefined if it is none. Beyond 2^53 the lowest bits are lost, which no class needs. */
export function addressOf(hex: string | undefined): number | undefined {
  if (hex === undefined || !/^[0-9a-f]{1,16}$/i.test(hex)) return undefined;
  return Number.parseInt(hex, 16);
}
