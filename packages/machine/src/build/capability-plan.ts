/** A capability to be placed in a config space. */
export interface CapabilityPlan {
  readonly id: number;
  /** In the extended list from offset 0x100. */
  readonly extended: boolean;
  /** Version of an extended capability. */
  readonly version: number;
  /** Where it shall stand; placed after the one before it if undefined. */
  readonly offset: number | undefined;
  /** Its bytes, the two (extended: four) bytes of the list header included, which are filled in later. */
  readonly bytes: Uint8Array;
}

/** Little-endian 16- and 32-bit values at their offsets, as bytes. */
export function capabilityBytes(
  size: number,
  values16: readonly (readonly [offset: number, value: number])[],
  values32: readonly (readonly [offset: number, value: number])[] = [],
): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [offset, value] of values16) view.setUint16(offset, value, true);
  for (const [offset, value] of values32) view.setUint32(offset, value >>> 0, true);
  return bytes;
}

function conventional(id: number, offset: number | undefined, bytes: Uint8Array): CapabilityPlan {
  return { id, extended: false, version: 0, offset, bytes };
}

/** Power Management (PCI PM 1.2, 3.2). No_Soft_Reset set means that D3hot to D0 keeps the state. */
export function powerManagement(
  options: { offset?: number; noSoftReset?: boolean; version?: 2 | 3 } = {},
): CapabilityPlan {
  const control = options.noSoftReset === true ? 0x8 : 0;
  const bytes = capabilityBytes(8, [
    [2, options.version ?? 3],
    [4, control],
  ]);
  return conventional(0x01, options.offset, bytes);
}

/** Message Signalled Interrupts (PCIe 7.7.1), disabled; `log2Vectors` is Multiple Message Capable. */
export function msi(
  options: { offset?: number; wide?: boolean; maskable?: boolean; log2Vectors?: number } = {},
): CapabilityPlan {
  const wide = options.wide ?? true;
  const maskable = options.maskable ?? false;
  const control = ((options.log2Vectors ?? 0) << 1) | (wide ? 0x80 : 0) | (maskable ? 0x100 : 0);
  const size = (wide ? 14 : 10) + (maskable ? 10 : 0);
  return conventional(0x05, options.offset, capabilityBytes(size, [[2, control]]));
}

/** MSI-X (PCIe 7.7.2), disabled, with table and pending bits in BAR `bar`. */
export function msix(options: {
  offset?: number;
  vectors: number;
  bar: number;
  tableOffset?: number;
  pendingOffset: number;
}): CapabilityPlan {
  const bytes = capabilityBytes(
    12,
    [[2, options.vectors - 1]],
    [
      [4, (options.tableOffset ?? 0) + options.bar],
      [8, options.pendingOffset + options.bar],
    ],
  );
  return conventional(0x11, options.offset, bytes);
}

/** Subsystem vendor and ID of a bridge (PCI-to-PCI Bridge 1.2, 3.2.5.13). */
export function bridgeSubsystem(vendor: number, id: number, offset?: number): CapabilityPlan {
  const bytes = capabilityBytes(8, [
    [4, vendor],
    [6, id],
  ]);
  return conventional(0x0d, offset, bytes);
}

/** A capability that the model knows nothing about; `body` follows the two bytes of the list header. */
export function opaqueCapability(id: number, body: readonly number[], offset?: number): CapabilityPlan {
  return conventional(id, offset, Uint8Array.from([0, 0, ...body]));
}
