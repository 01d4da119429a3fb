import {
  CONTEXT_CACHE_INVALIDATE,
  DEVICE_TLB_INVALIDATE,
  descriptorType,
  INTERRUPT_ENTRY_INVALIDATE,
  INVALIDATION_WAIT,
  IOTLB_INVALIDATE,
  PAGE_GROUP_RESPONSE,
  PASID_CACHE_INVALIDATE,
  PASID_DEVICE_TLB_INVALIDATE,
  PASID_IOTLB_INVALIDATE,
} from '../tables/invalidation-descriptor.ts';

/** Reserved bits of the four dwords of each descriptor, by type (VT-d 6.5.2.1 to 6.5.2.9). */
const reserved: Readonly<Record<number, readonly [number, number, number, number]>> = {
  [CONTEXT_CACHE_INVALIDATE]: [0x0000_f1c0, 0xfffc_0000, 0xffff_ffff, 0xffff_ffff],
  [IOTLB_INVALIDATE]: [0x0000_f100, 0xffff_ffff, 0x0000_0f80, 0],
  [DEVICE_TLB_INVALIDATE]: [0xffe0_01f0, 0x000f_0000, 0x0000_0ffe, 0],
  [INTERRUPT_ENTRY_INVALIDATE]: [0x07ff_f1e0, 0xffff_0000, 0xffff_ffff, 0xffff_ffff],
  [INVALIDATION_WAIT]: [0xffff_f100, 0, 0x0000_0003, 0],
  [PASID_IOTLB_INVALIDATE]: [0x0000_f100, 0xfff0_0000, 0x0000_0f80, 0],
  [PASID_CACHE_INVALIDATE]: [0x0000_f1c0, 0xfff0_0000, 0xffff_ffff, 0xffff_ffff],
  [PASID_DEVICE_TLB_INVALIDATE]: [0, 0, 0x0000_07fe, 0],
  [PAGE_GROUP_RESPONSE]: [0x0000_01e0, 0, 0, 0],
};

/** Values of IQERCD.IQEI (VT-d 10.4.29). */
export const IQEI_TAIL = 1;
export const IQEI_FETCH = 2;
export const IQEI_TYPE = 3;
export const IQEI_RESERVED = 4;
export const IQEI_WIDTH = 5;
export const IQEI_TAIL_ALIGNMENT = 6;

/** @returns 0 if the descriptor is well formed, else the value of IQEI */
export function descriptorError(words: Uint32Array, wide: boolean): number {
  const type = descriptorType(words[0] as number);
  const masks = reserved[type];
  if (masks === undefined) return IQEI_TYPE;
  // PASID descriptors and page group responses have 256 bits.
  if (!wide && type >= PASID_IOTLB_INVALIDATE) return IQEI_WIDTH;
  for (let i = 0; i < 4; i++) {
    if (((words[i] as number) & (masks[i as 0 | 1 | 2 | 3] as number)) !== 0) return IQEI_RESERVED;
  }
  if (wide && type !== PAGE_GROUP_RESPONSE) {
    for (let i = 4; i < 8; i++) if (words[i] !== 0) return IQEI_RESERVED;
  }
  return 0;
}
