import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';

/** Message Control and Message Address of the MSI capability (PCIe 7.7.1). */
export const msiControl: RegisterLayout<
  | In<
      'CONTROL',
      'ENABLE' | 'MULTIPLE_MESSAGE_CAPABLE' | 'MULTIPLE_MESSAGE_ENABLE' | 'ADDRESS_64' | 'PER_VECTOR_MASKING'
    >
  | 'ADDRESS.ADDRESS'
> = registerLayout({
  name: 'MSI',
  specification,
  size: 8,
  registers: [
    {
      name: 'CONTROL',
      offset: 0x02,
      width: 16,
      section: '7.7.1.2',
      fields: [
        rw('ENABLE', 0, 0, 'interrupts are messages; INTx is not used'),
        ro('MULTIPLE_MESSAGE_CAPABLE', 3, 1),
        rw('MULTIPLE_MESSAGE_ENABLE', 6, 4, 'how many low bits of the data the function may change'),
        ro('ADDRESS_64', 7),
        ro('PER_VECTOR_MASKING', 8),
      ],
    },
    {
      name: 'ADDRESS',
      offset: 0x04,
      width: 32,
      section: '7.7.1.3',
      fields: [rw('ADDRESS', 31, 2, 'address of the message, bits 31:2')],
    },
  ],
});

function messageData(name: string, offset: number): RegisterLayout<'DATA.DATA'> {
  return registerLayout({
    name,
    specification,
    size: offset + 2,
    registers: [
      {
        name: 'DATA',
        offset,
        width: 16,
        section: '7.7.1.5',
        fields: [rw('DATA', 15, 0, 'data of the message')],
      },
    ],
  });
}

function messageMask(name: string, offset: number): RegisterLayout<'MASK.MASK' | 'PENDING.PENDING'> {
  return registerLayout({
    name,
    specification,
    size: offset + 8,
    registers: [
      {
        name: 'MASK',
        offset,
        width: 32,
        section: '7.7.1.7',
        fields: [rw('MASK', 31, 0, 'messages held back, by vector')],
      },
      { name: 'PENDING', offset: offset + 4, width: 32, section: '7.7.1.8', fields: [ro('PENDING', 31, 0)] },
    ],
  });
}

/** Message Data where the address has 32 bits. */
export const msiData32: RegisterLayout<'DATA.DATA'> = messageData('MSI data, 32-bit address', 0x08);
/** Message Data where the address has 64 bits. */
export const msiData64: RegisterLayout<'DATA.DATA'> = messageData('MSI data, 64-bit address', 0x0c);
/** Mask and Pending where the address has 32 bits. */
export const msiMask32: RegisterLayout<'MASK.MASK' | 'PENDING.PENDING'> = messageMask(
  'MSI masks, 32-bit address',
  0x0c,
);
/** Mask and Pending where the address has 64 bits. */
export const msiMask64: RegisterLayout<'MASK.MASK' | 'PENDING.PENDING'> = messageMask(
  'MSI masks, 64-bit address',
  0x10,
);

/** Message Upper Address (PCIe 7.7.1.4). */
export const msiUpperAddress: RegisterLayout<'UPPER_ADDRESS.ADDRESS'> = registerLayout({
  name: 'MSI upper address',
  specification,
  size: 12,
  registers: [
    {
      name: 'UPPER_ADDRESS',
      offset: 0x08,
      width: 32,
      section: '7.7.1.4',
      fields: [rw('ADDRESS', 31, 0, 'address of the message, bits 63:32')],
    },
  ],
});

/** MSI-X capability (PCIe 7.7.2); the table itself is in a BAR. */
export const msix: RegisterLayout<
  In<'CONTROL', 'TABLE_SIZE' | 'FUNCTION_MASK' | 'ENABLE'> | In<'TABLE' | 'PENDING_BITS', 'BIR' | 'OFFSET'>
> = registerLayout({
  name: 'MSI-X',
  specification,
  size: 12,
  registers: [
    {
      name: 'CONTROL',
      offset: 0x02,
      width: 16,
      section: '7.7.2.2',
      fields: [
        ro('TABLE_SIZE', 10, 0, 'entries less one'),
        rw('FUNCTION_MASK', 14, 14, 'all vectors are held back'),
        rw('ENABLE', 15, 15, 'interrupts are messages; INTx and MSI are not used'),
      ],
    },
    {
      name: 'TABLE',
      offset: 0x04,
      width: 32,
      section: '7.7.2.3',
      fields: [ro('BIR', 2, 0), ro('OFFSET', 31, 3)],
    },
    {
      name: 'PENDING_BITS',
      offset: 0x08,
      width: 32,
      section: '7.7.2.4',
      fields: [ro('BIR', 2, 0), ro('OFFSET', 31, 3)],
    },
  ],
});
