import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** The IO-TLB invalidation registers (VT-d 10.4.8), at ECAP.IRO. */
export const iotlbRegisters: RegisterLayout<string> = registerLayout({
  name: 'IO-TLB registers',
  specification: 'Intel VT-d 3.3',
  size: 16,
  registers: [
    {
      name: 'IVA',
      offset: 0,
      width: 64,
      section: '10.4.8.2',
      fields: [
        { name: 'ADDR', high: 63, low: 12, access: 'WO' },
        { name: 'IH', high: 6, low: 6, access: 'WO' },
        { name: 'AM', high: 5, low: 0, access: 'WO' },
      ],
    },
    {
      name: 'IOTLB',
      offset: 8,
      width: 64,
      section: '10.4.8.1',
      fields: [
        { name: 'IVT', high: 63, low: 63, access: 'RW', description: 'set by software, cleared when done' },
        { name: 'IIRG', high: 61, low: 60, access: 'RW', description: '1 global, 2 domain, 3 page' },
        { name: 'IAIG', high: 58, low: 57, access: 'RO', description: 'what was done, 0 nothing' },
        { name: 'DR', high: 49, low: 49, access: 'RW' },
        { name: 'DW', high: 48, low: 48, access: 'RW' },
        { name: 'DID', high: 47, low: 32, access: 'RW' },
      ],
    },
  ],
});
