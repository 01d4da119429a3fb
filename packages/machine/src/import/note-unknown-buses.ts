import { ConfigReader } from '../description/config-reader.ts';
import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from './machine-of-parts.ts';

/** Secondary Bus Number (PCI-to-PCI Bridge Architecture 1.2, 3.2.5.3). */
const SECONDARY_BUS = 0x19;

/**
 * Without bus numbers, as in a list of functions without -v and without a tree, nobody knows what stands below a bridge:
 * buses that it leads to are taken for roots of their own.
 */
export function noteUnknownBuses(functions: readonly ListedFunction[], notes: ImportNote[]): void {
  const unknown = functions.filter(
    ({ bytes, missing }) =>
      new ConfigReader(bytes).isBridge &&
      missing.some(({ start, end }) => start <= SECONDARY_BUS && SECONDARY_BUS < end),
  );
  const first = unknown[0];
  if (first === undefined) return;
  const bridges = unknown.length === 1 ? 'one bridge' : `${unknown.length} bridges`;
  const message = `the capture does not say which buses ${bridges} lead${unknown.length === 1 ? 's' : ''} to: lspci -t or -v would`;
  notes.push({ file: first.file, line: first.line, message });
}
