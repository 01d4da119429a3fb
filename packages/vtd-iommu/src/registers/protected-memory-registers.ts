import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Enables the protected memory regions; there where CAP.PLMR or CAP.PHMR is set (VT-d 10.4.16). */
export const protectedMemoryEnable: RegisterLayout<string> = registerLayout({
  name: 'protected memory enable',
  specification: 'Intel VT-d 3.3',
  size: 0x68,
  registers: [
    {
      name: 'PMEN',
      offset: 0x64,
      width: 32,
      section: '10.4.16',
      fields: [
        { name: 'EPM', high: 31, low: 31, access: 'RW' },
        { name: 'PRS', high: 0, low: 0, access: 'RO' },
      ],
    },
  ],
});

/** The low region (CAP.PLMR). Both addresses are multiples of 2 MiB; the limit's low bits count as ones. */
export const protectedLowRegisters: RegisterLayout<string> = registerLayout({
  name: 'protected low memory',
  specification: 'Intel VT-d 3.3',
  size: 0x70,
  registers: [
    {
      name: 'PLMBASE',
      offset: 0x68,
      width: 32,
      section: '10.4.17',
      fields: [{ name: 'PLMB', high: 31, low: 21, access: 'RW' }],
    },
    {
      name: 'PLMLIMIT',
      offset: 0x6c,
      width: 32,
      section: '10.4.18',
      fields: [{ name: 'PLML', high: 31, low: 21, access: 'RW' }],
    },
  ],
});

/** The high region (CAP.PHMR). */
export const protectedHighRegisters: RegisterLayout<string> = registerLayout({
  name: 'protected high memory',
  specification: 'Intel VT-d 3.3',
  size: 0x80,
  registers: [
    {
      name: 'PHMBASE',
      offset: 0x70,
      width: 64,
      section: '10.4.19',
      fields: [{ name: 'PHMB', high: 51, low: 21, access: 'RW' }],
    },
    {
      name: 'PHMLIMIT',
      offset: 0x78,
      width: 64,
      section: '10.4.20',
      fields: [{ name: 'PHML', high: 51, low: 21, access: 'RW' }],
    },
  ],
});
