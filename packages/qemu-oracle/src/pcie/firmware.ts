import type { FunctionDescription } from '@quiesce/pcie-model';
import { defaultTraits } from '@quiesce/pcie-model';
import { ask, askNumbers, type QtestChannel } from './qtest-channel.ts';
import { type TreeWindows, tree } from './tree.ts';

/** Where PCIEXBAR puts the ECAM window of all 256 buses. */
export const ECAM_BASE = 0xb000_0000;
/** I/O, memory and bus master. */
const ENABLED = 7;
const HIGH = 0x1_0000_0000;
/** Highest bus that firmware gives out. */
export const LAST_BUS = 11;

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Address of a byte of config space in the ECAM window. */
export function ecamAddress(bus: number, devfn: number, offset: number): number {
  return ECAM_BASE + bus * 0x10_0000 + devfn * 0x1000 + offset;
}

/** Brings QEMU to its state after power-on. It takes effect with the next command that is sent on its own. */
export async function resetQemu(qtest: QtestChannel): Promise<void> {
  // Reset Control of the ICH9 at port 0xcf9: SYS_RST, then RST_CPU rising.
  await ask(qtest, ['outb 0xcf9 0x02', 'outb 0xcf9 0x06']);
  // The main loop resets between this round and the next.
  await ask(qtest, ['inb 0x80']);
}

/**
 * What firmware does: opens the ECAM window, numbers buses, sets windows and BARs, and leaves a number of its own in each
 * Interrupt Line, by which a function can be known. Nothing decodes yet: QEMU takes a millisecond for each change to a map
 * in which everything does.
 */
export function firmwareCommands(): string[] {
  const commands = [`outl 0xcf8 ${hex(0x8000_0060)}`, `outl 0xcfc ${hex(ECAM_BASE + 1)}`];
  for (const [index, one] of tree.entries()) {
    const at = (offset: number): string => hex(ecamAddress(one.bus, one.device * 8, offset));
    if (one.buses !== undefined) {
      commands.push(`writel ${at(0x18)} ${hex(one.bus + one.buses[0] * 0x100 + one.buses[1] * 0x1_0000)}`);
    }
    if (one.windows !== undefined) commands.push(...windowCommands(one.windows, at));
    for (const { index: bar, address } of one.bars) {
      commands.push(`writel ${at(0x10 + bar * 4)} ${hex(address % HIGH)}`);
      if (address >= HIGH) commands.push(`writel ${at(0x14 + bar * 4)} ${hex(Math.floor(address / HIGH))}`);
    }
    commands.push(`writeb ${at(0x3c)} ${hex(0x40 + index)}`);
  }
  commands.push('outl 0xcf8 0x0');
  return commands;
}

/** Lets every function decode and master, or none. */
export function enableCommands(enabled: boolean): string[] {
  const value = enabled ? ENABLED : 0;
  return tree.map(({ bus, device }) => `writew ${hex(ecamAddress(bus, device * 8, 0x04))} ${hex(value)}`);
}

function windowCommands({ memory, prefetchable, io }: TreeWindows, at: (offset: number) => string): string[] {
  const halves = (first: number, last: number): number =>
    ((Math.floor(first / 0x1_0000) & 0xfff0) | (((Math.floor(last / 0x1_0000) & 0xfff0) << 16) >>> 0)) >>> 0;
  return [
    `writew ${at(0x1c)} ${hex((io[0] >>> 8) + (io[1] & 0xf000))}`,
    `writel ${at(0x20)} ${hex(halves(...memory))}`,
    `writel ${at(0x24)} ${hex(halves(prefetchable[0] % HIGH, prefetchable[1] % HIGH))}`,
    `writel ${at(0x28)} ${hex(Math.floor(prefetchable[0] / HIGH))}`,
    `writel ${at(0x2c)} ${hex(Math.floor(prefetchable[1] / HIGH))}`,
  ];
}

/** Takes the config space of every function out of QEMU, with the sizes of its BARs, as a capture would have it. */
export async function captureFunctions(qtest: QtestChannel): Promise<FunctionDescription[]> {
  const captured: FunctionDescription[] = [];
  for (let bus = 0; bus <= LAST_BUS; bus++) {
    const ids = await askNumbers(
      qtest,
      Array.from({ length: 256 }, (_, devfn) => `readl ${hex(ecamAddress(bus, devfn, 0))}`),
    );
    for (const [devfn, id] of ids.entries()) {
      if (id === 0xffff_ffff) continue;
      const base = ecamAddress(bus, devfn, 0);
      const [image = ''] = await ask(qtest, [`b64read ${hex(base)} 0x1000`]);
      const bytes = new Uint8Array(Buffer.from(image, 'base64'));
      // A function without extended config space answers with all ones there.
      const short = bytes.subarray(256).every((byte) => byte === 0xff);
      captured.push({
        segment: 0,
        bus,
        device: devfn >>> 3,
        fn: devfn & 7,
        config: short ? bytes.slice(0, 256) : bytes,
        barSizes: await sizeBars(qtest, base, bytes),
        endpoint: {
          kind: 'idle',
          traits: defaultTraits,
          workload: { ratePerSecond: 0, bytesPerUnit: 0, burstBytes: 0, direction: 'to-memory' },
        },
      });
    }
  }
  return captured;
}

/** Bytes of each BAR, found as kernels find them: all ones written, read, and put back. */
async function sizeBars(qtest: QtestChannel, base: number, bytes: Uint8Array): Promise<number[]> {
  const view = new DataView(bytes.buffer);
  const sizes = [0, 0, 0, 0, 0, 0];
  const bars = (view.getUint8(0x0e) & 0x7f) === 1 ? 2 : 6;
  for (let bar = 0; bar < bars; bar++) {
    const at = hex(base + 0x10 + bar * 4);
    const old = view.getUint32(0x10 + bar * 4, true);
    const [, ones = 0] = await askNumbers(qtest, [
      `writel ${at} 0xffffffff`,
      `readl ${at}`,
      `writel ${at} ${hex(old)}`,
    ]);
    const mask = (ones & 1) !== 0 ? ones & 0xfffc : ones & ~0xf;
    if (mask !== 0) sizes[bar] = (mask & -mask) >>> 0;
    if ((old & 7) === 4) bar++;
  }
  return sizes;
}
