/** Where a capability stands in config space. */
export interface ListedCapability {
  readonly id: number;
  readonly extended: boolean;
  /** Bytes from the start of config space. */
  readonly offset: number;
  /** Version of an extended capability, 0 for others. */
  readonly version: number;
}

/** A capability list as far as it could be followed, and what stopped it before its end. */
export interface CapabilityList {
  readonly capabilities: readonly ListedCapability[];
  readonly notes: readonly string[];
}

const FIRST_CAPABILITY = 0x40;
const FIRST_EXTENDED = 0x100;

/**
 * Follows both capability lists of `bytes` (256 or 4,096). Loops, pointers into the header and pointers outside end a
 * list with a note; nothing is thrown.
 */
export function listCapabilities(bytes: Uint8Array): CapabilityList {
  const capabilities: ListedCapability[] = [];
  const notes: string[] = [];
  const status = bytes[0x06] as number;
  if ((status & 0x10) !== 0) followList(bytes, capabilities, notes);
  if (bytes.length > FIRST_EXTENDED) followExtendedList(bytes, capabilities, notes);
  return { capabilities, notes };
}

function followList(bytes: Uint8Array, found: ListedCapability[], notes: string[]): void {
  const seen = new Set<number>();
  let offset = (bytes[0x34] as number) & 0xfc;
  while (offset !== 0) {
    if (offset < FIRST_CAPABILITY) {
      notes.push(`capability pointer 0x${offset.toString(16)} points into the header`);
      return;
    }
    if (seen.has(offset)) {
      notes.push(`capability list comes back to 0x${offset.toString(16)}`);
      return;
    }
    seen.add(offset);
    const id = bytes[offset] as number;
    if (id === 0xff) {
      notes.push(`no capability at 0x${offset.toString(16)}: all ones`);
      return;
    }
    if (id !== 0) found.push({ id, extended: false, offset, version: 0 });
    offset = (bytes[offset + 1] as number) & 0xfc;
  }
}

function followExtendedList(bytes: Uint8Array, found: ListedCapability[], notes: string[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seen = new Set<number>();
  let offset = FIRST_EXTENDED;
  for (;;) {
    seen.add(offset);
    const header = view.getUint32(offset, true);
    if (header === 0xffff_ffff) {
      notes.push(`no extended capability at 0x${offset.toString(16)}: all ones`);
      return;
    }
    const id = header & 0xffff;
    if (id !== 0) found.push({ id, extended: true, offset, version: (header >>> 16) & 0xf });
    offset = (header >>> 20) & 0xffc;
    if (offset === 0) return;
    if (offset < FIRST_EXTENDED) {
      notes.push(`extended capability pointer 0x${offset.toString(16)} points below 0x100`);
      return;
    }
    if (seen.has(offset)) {
      notes.push(`extended capability list comes back to 0x${offset.toString(16)}`);
      return;
    }
  }
}
