import { barAddress, type PcieFunction, type PcieHierarchy } from '@quiesce/pcie-model';

const MEBI = 0x10_0000;
const HIGH = 0x1_0000_0000;

/**
 * Whether more than one function on some bus claims an address: whose it then is, no specification says. Claims are read
 * off config space here anew, so that the model's own decoding is not trusted for it.
 */
export function isAmbiguous(hierarchy: PcieHierarchy, at: number, io: boolean): boolean {
  return claimedTwice(
    hierarchy.functions.filter((fn) => fn.parent === undefined),
    at,
    io,
  );
}

function claimedTwice(functions: readonly PcieFunction[], at: number, io: boolean): boolean {
  let claims = 0;
  let below: PcieFunction | undefined;
  for (const fn of functions) {
    if ((fn.config.file.peek8(0x04) & (io ? 1 : 2)) === 0) continue;
    claims += barClaims(fn, at, io);
    if (!fn.isBridge) continue;
    const windows = io ? ioWindow(fn, at) : memoryWindow(fn, at) + prefetchableWindow(fn, at);
    if (windows > 0) below = fn;
    claims += Math.min(windows, 1);
  }
  if (claims > 1) return true;
  return below !== undefined && claimedTwice(below.children, at, io);
}

function barClaims(fn: PcieFunction, at: number, io: boolean): number {
  let claims = 0;
  for (const [bar, size] of fn.config.barSizes.entries()) {
    if (size === 0 || (fn.config.file.peek8(0x10 + bar * 4) & 1) !== (io ? 1 : 0)) continue;
    const base = barAddress(fn, bar);
    if (at >= base && at < base + size) claims++;
  }
  return claims;
}

function memoryWindow({ config: { file } }: PcieFunction, at: number): number {
  const base = (file.peek16(0x20) >>> 4) * MEBI;
  return at >= base && at < ((file.peek16(0x22) >>> 4) + 1) * MEBI ? 1 : 0;
}

function prefetchableWindow({ config: { file } }: PcieFunction, at: number): number {
  const base = (file.peek16(0x24) >>> 4) * MEBI + file.peek32(0x28) * HIGH;
  return at >= base && at < ((file.peek16(0x26) >>> 4) + 1) * MEBI + file.peek32(0x2c) * HIGH ? 1 : 0;
}

function ioWindow({ config: { file } }: PcieFunction, at: number): number {
  return at >= (file.peek8(0x1c) >>> 4) * 0x1000 && at < ((file.peek8(0x1d) >>> 4) + 1) * 0x1000 ? 1 : 0;
}
