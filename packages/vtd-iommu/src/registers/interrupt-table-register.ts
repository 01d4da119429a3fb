import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** The interrupt remapping table register (VT-d 10.4.30), there where ECAP.IR is set. Latched by GCMD.SIRTP. */
export const interruptTableRegister: RegisterLayout<string> = registerLayout({
  name: 'interrupt remapping table',
  specification: 'Intel VT-d 3.3',
  size: 0xc0,
  registers: [
    {
      name: 'IRTA',
      offset: 0xb8,
      width: 64,
      section: '10.4.30',
      fields: [
        { name: 'IRTA', high: 63, low: 12, access: 'RW' },
        { name: 'EIME', high: 11, low: 11, access: 'RW', description: '32-bit APIC ids' },
        { name: 'S', high: 3, low: 0, access: 'RW', description: '2^(S+1) entries' },
      ],
    },
  ],
});
