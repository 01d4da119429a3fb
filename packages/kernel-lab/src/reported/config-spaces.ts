import type { QtestClient } from '@quiesce/qemu-control';
import { ecamAddress } from '../guest/ecam-address.ts';

/** A function as a guest's processor sees it. */
export interface FunctionConfig {
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** 256 bytes, or 4,096 of a PCI Express function. */
  readonly config: Uint8Array;
}

const DWORDS = 1024;
const CONVENTIONAL_BYTES = 256;
const PCI_EXPRESS = 0x10;

/**
 * Every function that answers behind the guest's bridges as they are programmed now, in ascending order, read by ECAM,
 * whatever the guest is doing. Bus numbers are followed from each of `firstBuses` down.
 */
export async function readConfigSpaces(
  qtest: QtestClient,
  ecamBase: number,
  firstBuses: readonly number[],
): Promise<FunctionConfig[]> {
  const found: FunctionConfig[] = [];
  const waiting = [...firstBuses];
  const seen = new Set<number>(waiting);
  for (let bus = waiting.shift(); bus !== undefined; bus = waiting.shift()) {
    for (const one of await readBus(qtest, ecamBase, bus)) {
      found.push(one);
      const secondary = isBridge(one.config) ? (one.config[0x19] as number) : 0;
      if (secondary > bus && !seen.has(secondary)) {
        seen.add(secondary);
        waiting.push(secondary);
      }
    }
  }
  return found.sort((a, b) => a.bus - b.bus || a.device - b.device || a.fn - b.fn);
}

async function readBus(qtest: QtestClient, ecamBase: number, bus: number): Promise<FunctionConfig[]> {
  const at = (device: number, fn: number): number => ecamAddress(ecamBase, bus, device, fn);
  const places = Array.from({ length: 256 }, (_, devfn) => ({ bus, device: devfn >> 3, fn: devfn & 7 }));
  const ids = await qtest.run(places.map(({ device, fn }) => readl(at(device, fn))));
  const present = places.filter((_, index) => ids[index] !== 0xffff_ffff);
  const functions: FunctionConfig[] = [];
  for (const place of present) {
    const base = at(place.device, place.fn);
    const values = await qtest.run(Array.from({ length: DWORDS }, (_, i) => readl(base + 4 * i)));
    const config = new Uint8Array(4 * DWORDS);
    const view = new DataView(config.buffer);
    for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
    functions.push({ ...place, config: isExpress(config) ? config : config.slice(0, CONVENTIONAL_BYTES) });
  }
  return functions;
}

function readl(address: number): string {
  return `readl 0x${address.toString(16)}`;
}

/** A function with a bridge's header. */
export function isBridge(config: Uint8Array): boolean {
  return ((config[0x0e] as number) & 0x7f) === 1;
}

/** Only a function with the PCI Express capability has more than 256 bytes, as kernels see it. */
function isExpress(config: Uint8Array): boolean {
  if (((config[0x06] as number) & 0x10) === 0) return false;
  let at = (config[0x34] as number) & 0xfc;
  for (let steps = 0; at >= 0x40 && steps < 48; steps++) {
    if (config[at] === PCI_EXPRESS) return true;
    at = (config[at + 1] as number) & 0xfc;
  }
  return false;
}
