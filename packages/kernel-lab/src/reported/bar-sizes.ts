import type { QtestClient } from '@quiesce/qemu-control';
import { ecamAddress } from '../guest/ecam-address.ts';
import { type FunctionConfig, isBridge } from './config-spaces.ts';

const ALL_ONES = 0xffff_ffff;

/**
 * Sizes of each function's BARs in bytes, 0 where there is none, found as firmware does: all ones are written, and what
 * stays zero is the size (PCI 3.0, 6.2.5.1). The BARs have their addresses again afterwards; nothing may use them meanwhile,
 * so the guest's processor must be held.
 */
export async function readBarSizes(
  qtest: QtestClient,
  ecamBase: number,
  functions: readonly FunctionConfig[],
): Promise<number[][]> {
  const sizes: number[][] = [];
  for (const { bus, device, fn, config } of functions) {
    const base = ecamAddress(ecamBase, bus, device, fn);
    const bars = isBridge(config) ? 2 : 6;
    const masks: number[] = [];
    for (let bar = 0; bar < bars; bar++) {
      const at = base + 0x10 + 4 * bar;
      const before = await qtest.read(at, 4);
      await qtest.write(at, 4, ALL_ONES);
      masks.push(await qtest.read(at, 4));
      await qtest.write(at, 4, before);
    }
    sizes.push(sizesOf(masks));
  }
  return sizes;
}

/** From what the BARs read after all ones were written. */
function sizesOf(masks: readonly number[]): number[] {
  const sizes: number[] = [];
  for (let bar = 0; bar < masks.length; bar++) {
    const low = masks[bar] as number;
    const io = (low & 1) === 1;
    const wide = !io && (low & 6) === 4;
    const address = (low & (io ? ~3 : ~15)) >>> 0;
    sizes.push(address === 0 ? 0 : 2 ** 32 - address);
    if (!wide) continue;
    // No BAR of the lab is as large as 4 GiB: the upper half holds no size.
    sizes.push(0);
    bar++;
  }
  return sizes;
}
