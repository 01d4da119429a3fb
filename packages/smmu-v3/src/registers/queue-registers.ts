import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Command and event queue (SMMUv3 6.3.25 to 6.3.30). Index registers have the wrap flag above the index. */
export const queueRegisters: RegisterLayout<string> = registerLayout({
  name: 'SMMU queues',
  specification: 'Arm IHI 0070',
  size: 0xb0,
  registers: [
    {
      name: 'CMDQ_BASE',
      offset: 0x90,
      width: 64,
      section: '6.3.25',
      description: 'Not to be written while CMDQEN is 1.',
      fields: [
        { name: 'RA', high: 62, low: 62, access: 'RW', description: 'storage: read-allocate hint' },
        { name: 'ADDR', high: 51, low: 5, access: 'RW' },
        { name: 'LOG2SIZE', high: 4, low: 0, access: 'RW' },
      ],
    },
    {
      name: 'CMDQ_PROD',
      offset: 0x98,
      width: 32,
      section: '6.3.26',
      fields: [{ name: 'WR', high: 19, low: 0, access: 'RW' }],
    },
    {
      name: 'CMDQ_CONS',
      offset: 0x9c,
      width: 32,
      section: '6.3.27',
      description: 'Not to be written while CMDQEN is 1.',
      fields: [
        { name: 'ERR', high: 30, low: 24, access: 'RO', description: '0 none, 1 illegal, 2 abort' },
        { name: 'RD', high: 19, low: 0, access: 'RW' },
      ],
    },
    {
      name: 'EVENTQ_BASE',
      offset: 0xa0,
      width: 64,
      section: '6.3.28',
      description: 'Not to be written while EVENTQEN is 1.',
      fields: [
        { name: 'WA', high: 62, low: 62, access: 'RW', description: 'storage: write-allocate hint' },
        { name: 'ADDR', high: 51, low: 5, access: 'RW' },
        { name: 'LOG2SIZE', high: 4, low: 0, access: 'RW' },
      ],
    },
    {
      name: 'EVENTQ_PROD',
      offset: 0xa8,
      width: 32,
      section: '6.3.29',
      description: 'Not to be written while EVENTQEN is 1. Also at 0x100A8.',
      fields: [
        {
          name: 'OVFLG',
          high: 31,
          low: 31,
          access: 'RW',
          description: 'differs from OVACKFLG: events were lost',
        },
        { name: 'WR', high: 19, low: 0, access: 'RW' },
      ],
    },
    {
      name: 'EVENTQ_CONS',
      offset: 0xac,
      width: 32,
      section: '6.3.30',
      description: 'Also at 0x100AC.',
      fields: [
        { name: 'OVACKFLG', high: 31, low: 31, access: 'RW' },
        { name: 'RD', high: 19, low: 0, access: 'RW' },
      ],
    },
  ],
});
