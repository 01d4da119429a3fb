import { ConfigReader } from '../description/config-reader.ts';
import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';

const SECONDARY = 0x19;
const SUBORDINATE = 0x1a;

/**
 * Takes out bus numbers that no bridge can have: those that do not lead down from the bridge's own bus, or that end before they
 * begin. Damage, or two sources of another time, can leave such ones; the bridge is then as one that nobody numbered.
 * @returns undefined if all numbers are possible
 */
export function withoutImpossibleBuses(
  functions: readonly ListedFunction[],
): { readonly functions: readonly ListedFunction[]; readonly notes: readonly ImportNote[] } | undefined {
  const notes: ImportNote[] = [];
  const result = functions.map((one) => {
    const config = new ConfigReader(one.bytes);
    const [secondary, subordinate] = [config.u8(SECONDARY), config.u8(SUBORDINATE)];
    if (!config.isBridge || secondary === 0 || (secondary > one.bus && subordinate >= secondary)) return one;
    const { file, line, name } = one;
    const message = `bridge ${name} on bus ${one.bus} leads to buses ${secondary} to ${subordinate}, which cannot be: it is taken to lead nowhere`;
    notes.push({ file, line, message });
    const bytes = one.bytes.slice();
    bytes.fill(0, SECONDARY, SUBORDINATE + 1);
    return { ...one, bytes };
  });
  return notes.length === 0 ? undefined : { functions: result, notes };
}
