import type { Field } from '@quiesce/simulation';
import {
  msiControl,
  msiData32,
  msiData64,
  msiMask32,
  msiMask64,
  msiUpperAddress,
  msix,
} from '../config-space/message-interrupts.ts';

/** A field's bits inside of its register. */
function bits(field: Field): number {
  return ((2 ** field.width - 1) << field.low) >>> 0;
}

/** MSI capability: offsets, and bits of Message Control. */
export const MSI: Readonly<
  Record<
    | 'control'
    | 'enable'
    | 'wide'
    | 'maskable'
    | 'address'
    | 'addressHigh'
    | 'data'
    | 'dataWide'
    | 'mask'
    | 'maskWide',
    number
  >
> = {
  control: msiControl.field['CONTROL.ENABLE'].offset,
  enable: bits(msiControl.field['CONTROL.ENABLE']),
  wide: bits(msiControl.field['CONTROL.ADDRESS_64']),
  maskable: bits(msiControl.field['CONTROL.PER_VECTOR_MASKING']),
  address: msiControl.field['ADDRESS.ADDRESS'].offset,
  addressHigh: msiUpperAddress.field['UPPER_ADDRESS.ADDRESS'].offset,
  data: msiData32.field['DATA.DATA'].offset,
  dataWide: msiData64.field['DATA.DATA'].offset,
  mask: msiMask32.field['MASK.MASK'].offset,
  maskWide: msiMask64.field['MASK.MASK'].offset,
};

/** MSI-X capability: offsets, and bits of Message Control. */
export const MSI_X: Readonly<
  Record<'control' | 'size' | 'functionMask' | 'enable' | 'table' | 'pending' | 'bar', number>
> = {
  control: msix.field['CONTROL.ENABLE'].offset,
  size: bits(msix.field['CONTROL.TABLE_SIZE']),
  functionMask: bits(msix.field['CONTROL.FUNCTION_MASK']),
  enable: bits(msix.field['CONTROL.ENABLE']),
  table: msix.field['TABLE.OFFSET'].offset,
  pending: msix.field['PENDING_BITS.OFFSET'].offset,
  bar: bits(msix.field['TABLE.BIR']),
};
