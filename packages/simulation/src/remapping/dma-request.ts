import type { Address } from '../memory/address.ts';

/** Address type of a request (PCIe 10.2.1): 0 untranslated, 1 translation request, 2 translated. */
export type AddressType = 0 | 1 | 2;

/** No PASID prefix. */
export const NO_PASID = -1;

/** A memory request as it reaches the root complex. One object may be reused for many requests. */
export interface DmaRequest {
  segment: number;
  /** Bus << 8 | device << 3 | function. */
  requesterId: number;
  address: Address;
  /** Bytes; a request does not cross a 4 KiB boundary (PCIe 2.2.7). */
  length: number;
  write: boolean;
  /** 20 bits, or {@link NO_PASID}. */
  pasid: number;
  addressType: AddressType;
  /** Privileged mode requested (PASID prefix). */
  privileged: boolean;
  /** Execute requested (PASID prefix). */
  execute: boolean;
}

/** An untranslated read of 4 bytes at address 0, to be filled in. */
export function newDmaRequest(): DmaRequest {
  return {
    segment: 0,
    requesterId: 0,
    address: 0,
    length: 4,
    write: false,
    pasid: NO_PASID,
    addressType: 0,
    privileged: false,
    execute: false,
  };
}
