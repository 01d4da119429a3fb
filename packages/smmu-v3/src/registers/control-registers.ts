import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Enables, their acknowledgements, global bypass and global errors (SMMUv3 6.3.9 to 6.3.21). */
export const controlRegisters: RegisterLayout<string> = registerLayout({
  name: 'SMMU control',
  specification: 'Arm IHI 0070',
  size: 0x68,
  registers: [
    {
      name: 'CR0',
      offset: 0x20,
      width: 32,
      section: '6.3.9',
      fields: [
        { name: 'ATSCHK', high: 4, low: 4, access: 'RW', description: 'translated requests are checked' },
        { name: 'CMDQEN', high: 3, low: 3, access: 'RW' },
        { name: 'EVENTQEN', high: 2, low: 2, access: 'RW' },
        { name: 'SMMUEN', high: 0, low: 0, access: 'RW' },
      ],
    },
    {
      name: 'CR0ACK',
      offset: 0x24,
      width: 32,
      section: '6.3.10',
      description: 'The enables that are in force.',
      fields: [
        { name: 'ATSCHK', high: 4, low: 4, access: 'RO' },
        { name: 'CMDQEN', high: 3, low: 3, access: 'RO' },
        { name: 'EVENTQEN', high: 2, low: 2, access: 'RO' },
        { name: 'SMMUEN', high: 0, low: 0, access: 'RO' },
      ],
    },
    {
      name: 'CR1',
      offset: 0x28,
      width: 32,
      section: '6.3.11',
      description: 'Storage: attributes of table and queue accesses mean nothing where memory is coherent.',
      fields: [
        { name: 'TABLE_SH', high: 11, low: 10, access: 'RW' },
        { name: 'TABLE_OC', high: 9, low: 8, access: 'RW' },
        { name: 'TABLE_IC', high: 7, low: 6, access: 'RW' },
        { name: 'QUEUE_SH', high: 5, low: 4, access: 'RW' },
        { name: 'QUEUE_OC', high: 3, low: 2, access: 'RW' },
        { name: 'QUEUE_IC', high: 1, low: 0, access: 'RW' },
      ],
    },
    {
      name: 'CR2',
      offset: 0x2c,
      width: 32,
      section: '6.3.12',
      fields: [
        {
          name: 'PTM',
          high: 2,
          low: 2,
          access: 'RW',
          reset: 1,
          description: 'storage: processors broadcast no invalidations here',
        },
        { name: 'RECINVSID', high: 1, low: 1, access: 'RW', description: 'C_BAD_STREAMID is recorded' },
      ],
    },
    {
      name: 'GBPA',
      offset: 0x44,
      width: 32,
      section: '6.3.14',
      description: 'What becomes of requests while SMMUEN is 0. A write counts if it sets UPDATE.',
      fields: [
        {
          name: 'UPDATE',
          high: 31,
          low: 31,
          access: 'WO',
          description: 'reads as 0: the update is finished',
        },
        { name: 'ABORT', high: 20, low: 20, access: 'RW' },
      ],
    },
    {
      name: 'IRQ_CTRL',
      offset: 0x50,
      width: 32,
      section: '6.3.16',
      fields: [
        { name: 'EVENTQ_IRQEN', high: 2, low: 2, access: 'RW' },
        { name: 'GERROR_IRQEN', high: 0, low: 0, access: 'RW' },
      ],
    },
    {
      name: 'IRQ_CTRLACK',
      offset: 0x54,
      width: 32,
      section: '6.3.17',
      fields: [
        { name: 'EVENTQ_IRQEN', high: 2, low: 2, access: 'RO' },
        { name: 'GERROR_IRQEN', high: 0, low: 0, access: 'RO' },
      ],
    },
    {
      name: 'GERROR',
      offset: 0x60,
      width: 32,
      section: '6.3.18',
      description: 'An error is active while its bit differs from the one in GERRORN.',
      fields: [
        { name: 'SFM_ERR', high: 8, low: 8, access: 'RO', description: 'service failure mode' },
        { name: 'EVENTQ_ABT_ERR', high: 2, low: 2, access: 'RO' },
        { name: 'CMDQ_ERR', high: 0, low: 0, access: 'RO' },
      ],
    },
    {
      name: 'GERRORN',
      offset: 0x64,
      width: 32,
      section: '6.3.19',
      fields: [
        { name: 'SFM_ERR', high: 8, low: 8, access: 'RW' },
        { name: 'EVENTQ_ABT_ERR', high: 2, low: 2, access: 'RW' },
        { name: 'CMDQ_ERR', high: 0, low: 0, access: 'RW' },
      ],
    },
  ],
});
