import { defineStrategy, type StrategyPlugin } from '@quiesce/strategy';

const rootPorts = [1, 2, 3];
/** Type 0 and type 1 headers: the sixteen dwords that the experiment saved. */
const DWORDS = 16;
const BRIDGE_CONTROL = 0x3e;
const SECONDARY_BUS_RESET = 0x40;

interface Config {
  read8(bus: number, device: number, fn: number, offset: number): number;
  read16(bus: number, device: number, fn: number, offset: number): number;
  read32(bus: number, device: number, fn: number, offset: number): number;
  write16(bus: number, device: number, fn: number, offset: number, value: number): void;
  write32(bus: number, device: number, fn: number, offset: number, value: number): void;
}

interface Saved {
  readonly bus: number;
  readonly device: number;
  readonly words: readonly number[];
}

/** Everything below a bus, bridges before what is below them. */
function save(config: Config, bus: number, saved: Saved[]): void {
  for (let device = 0; device < 32; device++) {
    if (config.read16(bus, device, 0, 0) === 0xffff) continue;
    const words = Array.from({ length: DWORDS }, (_, index) => config.read32(bus, device, 0, 4 * index));
    saved.push({ bus, device, words });
    if ((config.read8(bus, device, 0, 0x0e) & 0x7f) === 1) {
      save(config, config.read8(bus, device, 0, 0x19), saved);
    }
  }
}

function resetRootPorts(config: Config, delay: (ms: number) => void, restore: boolean): void {
  const saved: Saved[] = [];
  for (const port of rootPorts) save(config, config.read8(0, port, 0, 0x19), saved);
  for (const port of rootPorts) {
    const control = config.read16(0, port, 0, BRIDGE_CONTROL);
    config.write16(0, port, 0, BRIDGE_CONTROL, control | SECONDARY_BUS_RESET);
    delay(2);
    config.write16(0, port, 0, BRIDGE_CONTROL, control);
  }
  delay(500);
  if (!restore) return;
  for (const { bus, device, words } of saved) {
    for (const [index, value] of words.entries()) config.write32(bus, device, 0, 4 * index, value);
  }
}

/** What the experiment did to a real kernel: hot reset of the three root ports of q35-lab. */
export function rootPortReset(when: 'setup_arch' | 'pci_iommu_init', restore: boolean): StrategyPlugin {
  const name = `root-port-reset-at-${when}`;
  const about = { name, description: 'Experiment of the ground truth.', sources: ['GROUND-TRUTH'] };
  return defineStrategy<unknown>({
    ...about,
    create: () => ({
      ...about,
      ...(when === 'setup_arch'
        ? { setupArch: (ctx) => resetRootPorts(ctx.type1, ctx.delay, restore) }
        : {
            iommuInit: (ctx) => {
              resetRootPorts(ctx.type1, ctx.delay, restore);
              ctx.kernel.initialise();
            },
          }),
    }),
  });
}
