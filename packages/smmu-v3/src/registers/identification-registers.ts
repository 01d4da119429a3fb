import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** What an implementation has (SMMUv3 6.3.1 to 6.3.8). Values come from the unit; fields that code asks for are named. */
export const identificationRegisters: RegisterLayout<string> = registerLayout({
  name: 'SMMU identification',
  specification: 'Arm IHI 0070',
  size: 0x20,
  registers: [
    {
      name: 'IDR0',
      offset: 0x00,
      width: 32,
      section: '6.3.1',
      fields: [
        { name: 'ST_LEVEL', high: 28, low: 27, access: 'RO', description: '1: two-level stream tables too' },
        { name: 'STALL_MODEL', high: 25, low: 24, access: 'RO', description: '1: no stalling' },
        { name: 'TTENDIAN', high: 22, low: 21, access: 'RO', description: '2: little-endian' },
        { name: 'VMID16', high: 18, low: 18, access: 'RO' },
        { name: 'ASID16', high: 12, low: 12, access: 'RO' },
        { name: 'ATS', high: 10, low: 10, access: 'RO' },
        { name: 'COHACC', high: 4, low: 4, access: 'RO', description: 'table walks are coherent' },
        { name: 'TTF', high: 3, low: 2, access: 'RO', description: '2: AArch64 tables' },
        { name: 'S1P', high: 1, low: 1, access: 'RO' },
        { name: 'S2P', high: 0, low: 0, access: 'RO' },
      ],
    },
    {
      name: 'IDR1',
      offset: 0x04,
      width: 32,
      section: '6.3.2',
      fields: [
        { name: 'CMDQS', high: 25, low: 21, access: 'RO', description: 'log2 of the largest command queue' },
        { name: 'EVENTQS', high: 20, low: 16, access: 'RO', description: 'log2 of the largest event queue' },
        { name: 'SSIDSIZE', high: 10, low: 6, access: 'RO', description: 'bits of a SubstreamID' },
        { name: 'SIDSIZE', high: 5, low: 0, access: 'RO', description: 'bits of a StreamID' },
      ],
    },
    {
      name: 'IDR5',
      offset: 0x14,
      width: 32,
      section: '6.3.6',
      fields: [
        { name: 'GRAN4K', high: 4, low: 4, access: 'RO' },
        { name: 'OAS', high: 2, low: 0, access: 'RO', description: '32, 36, 40, 42, 44, 48, 52 bits' },
      ],
    },
    {
      name: 'AIDR',
      offset: 0x1c,
      width: 32,
      section: '6.3.8',
      fields: [{ name: 'ArchRev', high: 7, low: 0, access: 'RO', description: '0x01: SMMUv3.1' }],
    },
  ],
});
