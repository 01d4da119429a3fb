/** An IO-APIC of the table. */
export interface MadtIoApic {
  readonly id: number;
  readonly address: number;
  /** First of the interrupts that come in there. */
  readonly firstInterrupt: number;
}

/** Header, address of the local APICs, flags (ACPI 5.2.12). */
const FIRST_ENTRY = 44;
const IO_APIC = { type: 1, bytes: 12 };

/** The IO-APICs of a table of interrupt controllers (`APIC`). An entry whose length cannot be ends it. */
export function ioApicsOf(table: Uint8Array): MadtIoApic[] {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const found: MadtIoApic[] = [];
  for (let at = FIRST_ENTRY; at + 2 <= table.length; ) {
    const [type, length] = [view.getUint8(at), view.getUint8(at + 1)];
    if (length < 2 || at + length > table.length) return found;
    if (type === IO_APIC.type && length >= IO_APIC.bytes) {
      const address = view.getUint32(at + 4, true);
      found.push({ id: view.getUint8(at + 2), address, firstInterrupt: view.getUint32(at + 8, true) });
    }
    at += length;
  }
  return found;
}
