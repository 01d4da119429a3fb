import { ADDRESS_LIMIT, type Address } from '@quiesce/simulation';

/** The address that two dwords of a descriptor name. Bits above 51 do not leave the device. */
export function descriptorAddress(low: number, high: number): Address {
  return (high & 0x000f_ffff) * 0x1_0000_0000 + (low >>> 0);
}

/** `address + offset`, where garbage in a descriptor must not leave the address space either. */
export function addressPlus(address: Address, offset: number): Address {
  const sum = address + offset;
  return sum < ADDRESS_LIMIT ? sum : sum % ADDRESS_LIMIT;
}
