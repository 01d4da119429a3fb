import { type FieldDeclaration, type RegisterLayout, registerLayout } from '@quiesce/simulation';

const port = [
  { name: 'CCS', high: 0, low: 0, access: 'RO', description: 'current connect status' },
  { name: 'CSC', high: 1, low: 1, access: 'RW1C', description: 'connect status change' },
  { name: 'ALWAYS', high: 7, low: 7, access: 'RO', reset: 1, description: 'reads as 1: this is a port' },
] as const satisfies readonly FieldDeclaration[];

/** The I/O registers of a universal host controller. Dword 00h holds command and status, 04h interrupt enables and frame number. */
export const uhciRegisters: RegisterLayout<
  | 'USBCMD.RS'
  | 'USBCMD.HCRESET'
  | 'USBCMD.GRESET'
  | 'USBCMD.CF'
  | 'USBSTS.USBINT'
  | 'USBSTS.HSE'
  | 'USBSTS.HCH'
  | 'USBINTR.IOC'
  | 'FRNUM.FRAME'
  | 'FRBASEADD.BASE'
  | 'SOFMOD.TIMING'
  | 'PORTSC1.CCS'
  | 'PORTSC1.CSC'
  | 'PORTSC1.ALWAYS'
  | 'PORTSC2.CCS'
  | 'PORTSC2.CSC'
  | 'PORTSC2.ALWAYS'
> = registerLayout({
  name: 'UHCI',
  specification: 'Universal Host Controller Interface Design Guide 1.1',
  size: 0x14,
  registers: [
    {
      name: 'USBCMD',
      offset: 0x00,
      width: 16,
      section: '2.1.1',
      fields: [
        { name: 'RS', high: 0, low: 0, access: 'RW', description: 'run' },
        { name: 'HCRESET', high: 1, low: 1, access: 'WO', description: 'clears itself' },
        {
          name: 'GRESET',
          high: 2,
          low: 2,
          access: 'RW',
          description: 'global reset, until software clears it',
        },
        { name: 'CF', high: 6, low: 6, access: 'RW', description: 'configured; for software alone' },
      ],
    },
    {
      name: 'USBSTS',
      offset: 0x02,
      width: 16,
      section: '2.1.2',
      fields: [
        { name: 'USBINT', high: 0, low: 0, access: 'RW1C' },
        { name: 'HSE', high: 3, low: 3, access: 'RW1C', description: 'host system error' },
        { name: 'HCH', high: 5, low: 5, access: 'RO', reset: 1, description: 'halted' },
      ],
    },
    {
      name: 'USBINTR',
      offset: 0x04,
      width: 16,
      section: '2.1.3',
      fields: [{ name: 'IOC', high: 2, low: 2, access: 'RW' }],
    },
    {
      name: 'FRNUM',
      offset: 0x06,
      width: 16,
      section: '2.1.4',
      fields: [{ name: 'FRAME', high: 10, low: 0, access: 'RW' }],
    },
    {
      name: 'FRBASEADD',
      offset: 0x08,
      width: 32,
      section: '2.1.5',
      fields: [{ name: 'BASE', high: 31, low: 12, access: 'RW' }],
    },
    {
      name: 'SOFMOD',
      offset: 0x0c,
      width: 8,
      section: '2.1.6',
      fields: [{ name: 'TIMING', high: 6, low: 0, access: 'RO', reset: 0x40 }],
    },
    { name: 'PORTSC1', offset: 0x10, width: 16, section: '2.1.7', fields: port },
    { name: 'PORTSC2', offset: 0x12, width: 16, section: '2.1.7', fields: port },
  ],
});
