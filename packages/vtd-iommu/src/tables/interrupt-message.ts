import { type Address, assert } from '@quiesce/simulation';

/** Address of an interrupt message, bits 31:20. */
export const INTERRUPT_ADDRESS_BASE: Address = 0xfee0_0000;
/** Bit 4 of the address: remappable form, else compatibility form (VT-d 5.1.2). */
export const MESSAGE_REMAPPABLE = 0x10;
/** Bit 3 of the address: the data's low 16 bits are added to the handle (SHV). */
export const MESSAGE_SUBHANDLE_VALID = 0x8;

/** A memory write that is an interrupt. */
export interface InterruptMessage {
  readonly address: Address;
  readonly data: number;
}

/**
 * The message in remappable form that names entry `handle`; with `subhandles` the device adds its vector number.
 * @param handle 0 .. 65535
 */
export function remappableMessage(handle: number, subhandle?: number): InterruptMessage {
  assert(handle >= 0 && handle <= 0xffff, `handle ${handle} does not fit 16 bits`);
  const address =
    INTERRUPT_ADDRESS_BASE +
    ((handle & 0x7fff) * 32 +
      ((handle >>> 15) << 2) +
      MESSAGE_REMAPPABLE +
      (subhandle === undefined ? 0 : MESSAGE_SUBHANDLE_VALID));
  return { address, data: subhandle ?? 0 };
}

/** The message in compatibility form: destination and vector stand in the message itself. */
export function compatibilityMessage(destination: number, vector: number): InterruptMessage {
  return { address: INTERRUPT_ADDRESS_BASE + ((destination & 0xff) << 12), data: vector & 0xff };
}

/** Bit 4 of the address. */
export function messageIsRemappable(address: Address): boolean {
  return (address & MESSAGE_REMAPPABLE) !== 0;
}

/** Handle in bits 19:5 and 2 of the address. */
export function messageHandle(address: Address): number {
  return ((address >>> 5) & 0x7fff) | ((address & 4) << 13);
}

/** Index into the interrupt-remapping table; may be above 65535 if the subhandle carries over. */
export function messageIndex(address: Address, data: number): number {
  const handle = messageHandle(address);
  return (address & MESSAGE_SUBHANDLE_VALID) !== 0 ? handle + (data & 0xffff) : handle;
}
