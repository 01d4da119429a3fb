import type { Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';

const MIB = 0x10_0000;
const FOUR_GIB = 0x1_0000_0000;
/** With more than this below 4 GiB, q35 moves what is above 2 GiB behind 4 GiB. */
const MOST_BELOW_ECAM = 0xb000_0000;
const SPLIT = 0x8000_0000;

/**
 * Bytes of RAM of the guest that has this machine's memory map: a multiple of 1 MiB.
 * @throws UserError `QEMU_TOPOLOGY` if q35 would place RAM otherwise than the map says
 */
export function ramBytes(machine: Machine): number {
  const ram = machine.memoryMap.filter((one) => one.owner !== 'mmio' && one.owner !== 'interrupt-window');
  const end = (regions: typeof ram, least: number): number =>
    Math.max(least, ...regions.map((one) => one.end));
  const low = end(
    ram.filter((one) => one.end <= MOST_BELOW_ECAM),
    0,
  );
  const high =
    end(
      ram.filter((one) => one.start >= FOUR_GIB),
      FOUR_GIB,
    ) - FOUR_GIB;
  const between = ram.find((one) => one.end > MOST_BELOW_ECAM && one.start < FOUR_GIB);
  const bytes = Math.ceil(low / MIB) * MIB + Math.ceil(high / MIB) * MIB;
  const reason =
    between !== undefined
      ? `${between.label} ends at 0x${between.end.toString(16)}`
      : bytes < 64 * MIB
        ? 'there is hardly any memory'
        : high > 0 && low !== SPLIT
          ? `there is memory behind 4 GiB, and 0x${low.toString(16)} bytes before`
          : undefined;
  if (reason !== undefined) {
    throw new UserError('QEMU_TOPOLOGY', `machine "${machine.name}" has no memory map of q35: ${reason}`, {
      expected: '64 MiB or more, either up to 0xb0000000 at most, or 2 GiB and the rest from 4 GiB on',
    });
  }
  return bytes;
}
