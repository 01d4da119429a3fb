import { hexToBytes, type MachineFunction } from '@quiesce/machine';
import { ConfigSpace } from '@quiesce/pcie-model';
import { chipsetRegisters, selectingCapabilities } from './chipset-registers.ts';
import { compareAddresses, isAddressByte } from './compare-addresses.ts';
import type { Difference } from './difference.ts';
import { RegisterNames } from './register-names.ts';

const SOFTWARE_WRITES = 'software writes these bits: what stands there depends on who ran last';
const CHIPSET = 'firmware or the kernel writes this register of the chipset';
const SELECTED = 'a register that shows what software selected last';
const LIVE = 'the device sets this bit while it works';

/**
 * Where two config spaces of one function differ. Bits that hardware alone decides must be equal, so must BARs, bus
 * numbers and open windows; what software may write is listed with that reason.
 */
export function compareConfig(expected: MachineFunction, reported: MachineFunction): Difference[] {
  const [ours, theirs] = [bytesOf(expected), bytesOf(reported)];
  if (ours.length !== theirs.length) {
    const at = `${expected.name} config space`;
    return [{ at, expected: `${ours.length} bytes`, reported: `${theirs.length} bytes` }];
  }
  const space = new ConfigSpace(ours, expected.barSizes);
  const names = new RegisterNames(space);
  const found = compareAddresses(expected.name, ours, theirs);
  for (let at = 0; at < ours.length; at = names.endOf(at)) {
    const end = names.endOf(at);
    const bits = differingBits(space, names, theirs, at, end);
    if (bits.software === 0 && bits.live === 0 && bits.fixed === 0) continue;
    const software = bits.software === 0 ? LIVE : SOFTWARE_WRITES;
    const reason =
      bits.fixed === 0 ? software : (chipsetReason(ours, at, end) ?? selectionReason(space, at, end));
    found.push({
      at: `${expected.name} ${names.nameOf(at)}`,
      expected: value(ours, at, end),
      reported: value(theirs, at, end),
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return found;
}

/** How many of the bytes differ in bits that software writes, that the device sets while it works, and that never change. */
function differingBits(
  space: ConfigSpace,
  names: RegisterNames,
  theirs: Uint8Array,
  start: number,
  end: number,
): { readonly software: number; readonly live: number; readonly fixed: number } {
  const ours = space.file;
  let [software, live, fixed] = [0, 0, 0];
  for (let at = start; at < end; at++) {
    const differing = ours.peek8(at) ^ (theirs[at] as number);
    if (differing === 0 || isAddressByte(theirs, at)) continue;
    const written = ours.writableMask(at) | names.clearedByWriting(at);
    const set = at === STATUS ? INTERRUPT_STATUS & ~written : 0;
    if ((differing & written) !== 0) software++;
    if ((differing & set) !== 0) live++;
    if ((differing & ~written & ~set) !== 0) fixed++;
  }
  return { software, live, fixed };
}

/** Interrupt Status is bit 3 of Status (PCIe 7.5.1.1.4). */
const STATUS = 0x06;
const INTERRUPT_STATUS = 0x08;

function chipsetReason(config: Uint8Array, start: number, end: number): string | undefined {
  const id = `${value(config, 0, 2)}:${value(config, 2, 4)}`;
  const register = chipsetRegisters.find(
    (one) => one.id === id && one.offset <= start && end <= one.offset + one.length,
  );
  return register === undefined ? undefined : `${CHIPSET}: ${register.name}`;
}

/** What stands behind the header of a capability that shows other registers. */
function selectionReason(space: ConfigSpace, start: number, end: number): string | undefined {
  const shows = space.capabilities.some(({ id, extended, offset }) =>
    selectingCapabilities.some((one) => {
      const from = offset + one.offset;
      return !extended && one.id === id && from <= start && end <= from + one.length;
    }),
  );
  return shows ? SELECTED : undefined;
}

/** Little endian, as hexadecimal digits. */
function value(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = end - 1; at >= start; at--) text += (bytes[at] as number).toString(16).padStart(2, '0');
  return text;
}

function bytesOf(one: MachineFunction): Uint8Array {
  return hexToBytes(one.config) ?? new Uint8Array(0);
}
