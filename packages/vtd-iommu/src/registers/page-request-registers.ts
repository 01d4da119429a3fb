import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** The page request queue (VT-d 10.4.31 to 10.4.38), there where ECAP.PRS is set. */
export const pageRequestRegisters: RegisterLayout<string> = registerLayout({
  name: 'page request queue',
  specification: 'Intel VT-d 3.3',
  size: 0xf0,
  registers: [
    {
      name: 'PQH',
      offset: 0xc0,
      width: 64,
      section: '10.4.31',
      fields: [{ name: 'PQH', high: 18, low: 5, access: 'RW' }],
    },
    {
      name: 'PQT',
      offset: 0xc8,
      width: 64,
      section: '10.4.32',
      fields: [{ name: 'PQT', high: 18, low: 5, access: 'RW' }],
    },
    {
      name: 'PQA',
      offset: 0xd0,
      width: 64,
      section: '10.4.33',
      fields: [
        { name: 'PQA', high: 63, low: 12, access: 'RW' },
        { name: 'PQS', high: 2, low: 0, access: 'RW', description: '2^PQS pages' },
      ],
    },
    {
      name: 'PRS',
      offset: 0xdc,
      width: 32,
      section: '10.4.34',
      fields: [
        { name: 'PRO', high: 1, low: 1, access: 'RW1C', sticky: true },
        { name: 'PPR', high: 0, low: 0, access: 'RW1C', sticky: true },
      ],
    },
    {
      name: 'PECTL',
      offset: 0xe0,
      width: 32,
      section: '10.4.35',
      fields: [
        { name: 'IM', high: 31, low: 31, access: 'RW', reset: 1 },
        { name: 'IP', high: 30, low: 30, access: 'RO' },
      ],
    },
    {
      name: 'PEDATA',
      offset: 0xe4,
      width: 32,
      section: '10.4.36',
      fields: [{ name: 'IMD', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'PEADDR',
      offset: 0xe8,
      width: 32,
      section: '10.4.37',
      fields: [{ name: 'MA', high: 31, low: 2, access: 'RW' }],
    },
    {
      name: 'PEUADDR',
      offset: 0xec,
      width: 32,
      section: '10.4.38',
      fields: [{ name: 'MUA', high: 31, low: 0, access: 'RW' }],
    },
  ],
});
