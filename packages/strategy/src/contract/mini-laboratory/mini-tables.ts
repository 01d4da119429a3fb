import type { MiniMemory } from './mini-memory.ts';
import type { MiniTopology } from './mini-topology.ts';

const OLD_KERNEL = 0x0600_0000;
const IOVA = 0xffff_c000;
const BUFFER = 0x0400_0000;

/**
 * What the first kernel's driver has left in memory: a root table, one context table a bus, and for every function
 * that masters the bus a 3-level table that maps one page under 4 GiB (VT-d 9.1, 9.3, 9.8). Returns the root table.
 */
export function buildOldTables(memory: MiniMemory, topology: MiniTopology): number {
  let next = OLD_KERNEL;
  const page = (): number => {
    next += 4096;
    return next - 4096;
  };
  const root = page();
  const contexts = new Map<number, number>();
  let domain = 1;
  for (const each of topology.functions) {
    if (each.isBridge) continue;
    let context = contexts.get(each.bus);
    if (context === undefined) {
      context = page();
      contexts.set(each.bus, context);
      memory.write64(root + each.bus * 16, context + 1);
    }
    const [level3, level2, level1] = [page(), page(), page()];
    memory.write64(level3 + Math.floor(IOVA / 2 ** 30) * 8, level2 + 3);
    memory.write64(level2 + (Math.floor(IOVA / 2 ** 21) % 512) * 8, level1 + 3);
    memory.write64(level1 + (Math.floor(IOVA / 2 ** 12) % 512) * 8, BUFFER + domain * 4096 + 3);
    const entry = context + (each.device * 8 + each.fn) * 16;
    memory.write64(entry, level3 + 1);
    memory.write64(entry + 8, domain * 256 + 1);
    domain++;
  }
  return root;
}
