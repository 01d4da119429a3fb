import type { QtestClient } from '@quiesce/qemu-control';

/** Where firmware leaves the root pointer on a machine with a BIOS (ACPI 6.5, 5.2.5.1). */
const SEARCHED = { start: 0xe_0000, end: 0x10_0000 } as const;
const HEADER_BYTES = 36;
/** Longer than any table that is looked for here. */
const LONGEST = 0x10_0000;

/**
 * An ACPI table from the guest's memory; undefined before firmware has written the tables, or without such a table.
 */
export async function readAcpiTable(qtest: QtestClient, signature: string): Promise<Uint8Array | undefined> {
  const area = await qtest.readBytes(SEARCHED.start, SEARCHED.end - SEARCHED.start);
  const pointer = rootPointer(area);
  if (pointer === undefined) return undefined;
  const root = await readTable(qtest, pointer);
  if (root === undefined) return undefined;
  const view = new DataView(root.buffer, root.byteOffset, root.length);
  for (let at = HEADER_BYTES; at + 4 <= root.length; at += 4) {
    const table = await readTable(qtest, view.getUint32(at, true));
    if (table !== undefined && text(table, 0, 4) === signature) return table;
  }
  return undefined;
}

/** Address of the RSDT: below 4 GiB, and there whatever the revision. */
function rootPointer(area: Uint8Array): number | undefined {
  for (let at = 0; at + 20 <= area.length; at += 16) {
    if (text(area, at, 8) !== 'RSD PTR ' || sum(area.subarray(at, at + 20)) !== 0) continue;
    return new DataView(area.buffer, area.byteOffset).getUint32(at + 16, true);
  }
  return undefined;
}

async function readTable(qtest: QtestClient, address: number): Promise<Uint8Array | undefined> {
  const header = await qtest.readBytes(address, HEADER_BYTES);
  const length = new DataView(header.buffer, header.byteOffset).getUint32(4, true);
  if (length < HEADER_BYTES || length > LONGEST) return undefined;
  const table = await qtest.readBytes(address, length);
  return sum(table) === 0 ? table : undefined;
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
