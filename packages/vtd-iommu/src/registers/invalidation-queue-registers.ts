import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Queued invalidation (VT-d 10.4.21 to 10.4.29), there where ECAP.QI is set. */
export const invalidationQueueRegisters: RegisterLayout<string> = registerLayout({
  name: 'invalidation queue',
  specification: 'Intel VT-d 3.3',
  size: 0xb8,
  registers: [
    {
      name: 'IQH',
      offset: 0x80,
      width: 64,
      section: '10.4.21',
      fields: [{ name: 'QH', high: 18, low: 4, access: 'RO' }],
    },
    {
      name: 'IQT',
      offset: 0x88,
      width: 64,
      section: '10.4.22',
      fields: [{ name: 'QT', high: 18, low: 4, access: 'RW' }],
    },
    {
      name: 'IQA',
      offset: 0x90,
      width: 64,
      section: '10.4.23',
      fields: [
        { name: 'IQA', high: 63, low: 12, access: 'RW' },
        { name: 'DW', high: 11, low: 11, access: 'RW', description: '1: descriptors of 32 bytes' },
        { name: 'QS', high: 2, low: 0, access: 'RW', description: '2^QS pages' },
      ],
    },
    {
      name: 'ICS',
      offset: 0x9c,
      width: 32,
      section: '10.4.24',
      fields: [{ name: 'IWC', high: 0, low: 0, access: 'RW1C', sticky: true }],
    },
    {
      name: 'IECTL',
      offset: 0xa0,
      width: 32,
      section: '10.4.25',
      fields: [
        { name: 'IM', high: 31, low: 31, access: 'RW', reset: 1 },
        { name: 'IP', high: 30, low: 30, access: 'RO' },
      ],
    },
    {
      name: 'IEDATA',
      offset: 0xa4,
      width: 32,
      section: '10.4.26',
      fields: [{ name: 'IMD', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'IEADDR',
      offset: 0xa8,
      width: 32,
      section: '10.4.27',
      fields: [{ name: 'MA', high: 31, low: 2, access: 'RW' }],
    },
    {
      name: 'IEUADDR',
      offset: 0xac,
      width: 32,
      section: '10.4.28',
      fields: [{ name: 'MUA', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'IQERCD',
      offset: 0xb0,
      width: 64,
      section: '10.4.29',
      fields: [
        { name: 'ICESID', high: 63, low: 48, access: 'RO', sticky: true },
        { name: 'ITESID', high: 47, low: 32, access: 'RO', sticky: true },
        { name: 'IQEI', high: 3, low: 0, access: 'RO', sticky: true },
      ],
    },
  ],
});
