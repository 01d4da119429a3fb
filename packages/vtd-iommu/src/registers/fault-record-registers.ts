import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** One fault recording register of 128 bits (VT-d 10.4.14), repeated CAP.NFR + 1 times from CAP.FRO on. */
export const faultRecordRegisters: RegisterLayout<string> = registerLayout({
  name: 'fault recording register',
  specification: 'Intel VT-d 3.3',
  size: 16,
  registers: [
    {
      name: 'FRCD_LOW',
      offset: 0,
      width: 64,
      section: '10.4.14',
      fields: [
        {
          name: 'FI',
          high: 63,
          low: 12,
          access: 'RO',
          sticky: true,
          description: 'page address, or index in 63:48',
        },
      ],
    },
    {
      name: 'FRCD_HIGH',
      offset: 8,
      width: 64,
      section: '10.4.14',
      fields: [
        { name: 'F', high: 63, low: 63, access: 'RW1C', sticky: true },
        { name: 'T1', high: 62, low: 62, access: 'RO', sticky: true, description: '1 read, 0 write' },
        { name: 'AT', high: 61, low: 60, access: 'RO', sticky: true },
        { name: 'PV', high: 59, low: 40, access: 'RO', sticky: true, description: 'PASID' },
        { name: 'FR', high: 39, low: 32, access: 'RO', sticky: true, description: 'fault reason' },
        { name: 'PP', high: 31, low: 31, access: 'RO', sticky: true },
        { name: 'EXE', high: 30, low: 30, access: 'RO', sticky: true },
        { name: 'PRIV', high: 29, low: 29, access: 'RO', sticky: true },
        { name: 'T2', high: 28, low: 28, access: 'RO', sticky: true, description: '1 page request (T1 = 0)' },
        { name: 'SID', high: 15, low: 0, access: 'RO', sticky: true },
      ],
    },
  ],
});
