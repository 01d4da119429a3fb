import type { GdbClient } from '@quiesce/qemu-control';
import { virtualAddress } from '../provision/kernel/kernel-symbols.ts';

/**
 * Virtual address of the first function of a table of initcalls. Its entries are 32-bit distances, each from its own
 * address (CONFIG_HAVE_ARCH_PREL32_RELOCATIONS).
 *
 * @param table the table's distance from __START_KERNEL_map
 */
export async function firstInitcall(gdb: GdbClient, table: number): Promise<string> {
  const bytes = await gdb.readVirtual(virtualAddress(table), 4);
  return virtualAddress(table + new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true));
}
