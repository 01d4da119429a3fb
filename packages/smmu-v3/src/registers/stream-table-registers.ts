import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Where the stream table is (SMMUv3 6.3.23, 6.3.24). Neither register may be written while SMMUEN is 1. */
export const streamTableRegisters: RegisterLayout<string> = registerLayout({
  name: 'SMMU stream table',
  specification: 'Arm IHI 0070',
  size: 0x8c,
  registers: [
    {
      name: 'STRTAB_BASE',
      offset: 0x80,
      width: 64,
      section: '6.3.23',
      fields: [
        {
          name: 'RA',
          high: 62,
          low: 62,
          access: 'RW',
          description: 'storage: read-allocate hint',
        },
        { name: 'ADDR', high: 51, low: 6, access: 'RW' },
      ],
    },
    {
      name: 'STRTAB_BASE_CFG',
      offset: 0x88,
      width: 32,
      section: '6.3.24',
      fields: [
        { name: 'FMT', high: 17, low: 16, access: 'RW', description: '0 linear, 1 two-level' },
        {
          name: 'SPLIT',
          high: 10,
          low: 6,
          access: 'RW',
          description: '6, 8 or 10 bits of StreamID in level 2',
        },
        {
          name: 'LOG2SIZE',
          high: 5,
          low: 0,
          access: 'RW',
          description: 'bits of StreamID that the table covers',
        },
      ],
    },
  ],
});
