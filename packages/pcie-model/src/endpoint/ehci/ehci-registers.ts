import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Bytes of the capability registers: CAPLENGTH, where the operational ones begin. */
export const EHCI_OPERATIONAL = 0x20;

const specification = 'Enhanced Host Controller Interface Specification for USB 1.0';

/** The read-only head of an EHCI controller's memory BAR. One port, no companion, 64-bit structures, 1,024 frames. */
export const ehciCapability: RegisterLayout<
  | 'CAPLENGTH.LENGTH'
  | 'HCIVERSION.VERSION'
  | 'HCSPARAMS.N_PORTS'
  | 'HCSPARAMS.PPC'
  | 'HCCPARAMS.AC64'
  | 'HCCPARAMS.EECP'
> = registerLayout({
  name: 'EHCI capability registers',
  specification,
  size: EHCI_OPERATIONAL,
  registers: [
    {
      name: 'CAPLENGTH',
      offset: 0x00,
      width: 8,
      section: '2.2.1',
      fields: [{ name: 'LENGTH', high: 7, low: 0, access: 'RO', reset: EHCI_OPERATIONAL }],
    },
    {
      name: 'HCIVERSION',
      offset: 0x02,
      width: 16,
      section: '2.2.2',
      fields: [{ name: 'VERSION', high: 15, low: 0, access: 'RO', reset: 0x0100 }],
    },
    {
      name: 'HCSPARAMS',
      offset: 0x04,
      width: 32,
      section: '2.2.3',
      fields: [
        { name: 'N_PORTS', high: 3, low: 0, access: 'RO', reset: 1 },
        { name: 'PPC', high: 4, low: 4, access: 'RO', description: 'no port power switches' },
      ],
    },
    {
      name: 'HCCPARAMS',
      offset: 0x08,
      width: 32,
      section: '2.2.4',
      fields: [
        { name: 'AC64', high: 0, low: 0, access: 'RO', reset: 1, description: '64-bit structures' },
        {
          name: 'EECP',
          high: 15,
          low: 8,
          access: 'RO',
          description: 'where legacy support stands in config space; 0: nowhere',
        },
      ],
    },
  ],
});

/** The operational registers, at {@link EHCI_OPERATIONAL} in the BAR. */
export const ehciOperational: RegisterLayout<
  | 'USBCMD.RS'
  | 'USBCMD.HCRESET'
  | 'USBCMD.FLS'
  | 'USBCMD.PSE'
  | 'USBCMD.ASE'
  | 'USBCMD.IAAD'
  | 'USBCMD.ITC'
  | 'USBSTS.USBINT'
  | 'USBSTS.USBERRINT'
  | 'USBSTS.HSE'
  | 'USBSTS.IAA'
  | 'USBSTS.HCH'
  | 'USBSTS.PSS'
  | 'USBSTS.ASS'
  | 'USBINTR.USBIE'
  | 'USBINTR.USBEIE'
  | 'USBINTR.HSEE'
  | 'USBINTR.IAAE'
  | 'FRINDEX.FRINDEX'
  | 'CTRLDSSEGMENT.HIGH'
  | 'PERIODICLISTBASE.BASE'
  | 'ASYNCLISTADDR.LPL'
  | 'CONFIGFLAG.CF'
  | 'PORTSC1.CCS'
  | 'PORTSC1.CSC'
> = registerLayout({
  name: 'EHCI operational registers',
  specification,
  size: 0x48,
  registers: [
    {
      name: 'USBCMD',
      offset: 0x00,
      width: 32,
      section: '2.3.1',
      fields: [
        { name: 'RS', high: 0, low: 0, access: 'RW', description: 'run' },
        { name: 'HCRESET', high: 1, low: 1, access: 'WO', description: 'clears itself' },
        { name: 'FLS', high: 3, low: 2, access: 'RO', description: '1,024 frames, not programmable' },
        { name: 'PSE', high: 4, low: 4, access: 'RW', description: 'periodic schedule' },
        { name: 'ASE', high: 5, low: 5, access: 'RW', description: 'asynchronous schedule' },
        {
          name: 'IAAD',
          high: 6,
          low: 6,
          access: 'RW1S',
          description: 'interrupt on async advance, doorbell',
        },
        {
          name: 'ITC',
          high: 23,
          low: 16,
          access: 'RO',
          reset: 8,
          description: 'an interrupt each 1 ms at most',
        },
      ],
    },
    {
      name: 'USBSTS',
      offset: 0x04,
      width: 32,
      section: '2.3.2',
      fields: [
        { name: 'USBINT', high: 0, low: 0, access: 'RW1C' },
        { name: 'USBERRINT', high: 1, low: 1, access: 'RW1C' },
        { name: 'HSE', high: 4, low: 4, access: 'RW1C', description: 'host system error' },
        { name: 'IAA', high: 5, low: 5, access: 'RW1C', description: 'interrupt on async advance' },
        { name: 'HCH', high: 12, low: 12, access: 'RO', reset: 1, description: 'halted' },
        { name: 'PSS', high: 14, low: 14, access: 'RO', description: 'periodic schedule status' },
        { name: 'ASS', high: 15, low: 15, access: 'RO', description: 'asynchronous schedule status' },
      ],
    },
    {
      name: 'USBINTR',
      offset: 0x08,
      width: 32,
      section: '2.3.3',
      fields: [
        { name: 'USBIE', high: 0, low: 0, access: 'RW' },
        { name: 'USBEIE', high: 1, low: 1, access: 'RW' },
        { name: 'HSEE', high: 4, low: 4, access: 'RW' },
        { name: 'IAAE', high: 5, low: 5, access: 'RW' },
      ],
    },
    {
      name: 'FRINDEX',
      offset: 0x0c,
      width: 32,
      section: '2.3.4',
      fields: [{ name: 'FRINDEX', high: 13, low: 0, access: 'RW', description: 'micro-frames' }],
    },
    {
      name: 'CTRLDSSEGMENT',
      offset: 0x10,
      width: 32,
      section: '2.3.5',
      fields: [
        { name: 'HIGH', high: 31, low: 0, access: 'RW', description: 'bits 63:32 of every structure' },
      ],
    },
    {
      name: 'PERIODICLISTBASE',
      offset: 0x14,
      width: 32,
      section: '2.3.6',
      fields: [{ name: 'BASE', high: 31, low: 12, access: 'RW' }],
    },
    {
      name: 'ASYNCLISTADDR',
      offset: 0x18,
      width: 32,
      section: '2.3.7',
      fields: [{ name: 'LPL', high: 31, low: 5, access: 'RW' }],
    },
    {
      name: 'CONFIGFLAG',
      offset: 0x40,
      width: 32,
      section: '2.3.8',
      fields: [
        {
          name: 'CF',
          high: 0,
          low: 0,
          access: 'RW',
          description: 'routes ports away from companions, of which there are none: for software alone',
        },
      ],
    },
    {
      name: 'PORTSC1',
      offset: 0x44,
      width: 32,
      section: '2.3.9',
      fields: [
        { name: 'CCS', high: 0, low: 0, access: 'RO', reset: 1, description: 'a device is connected' },
        { name: 'CSC', high: 1, low: 1, access: 'RW1C', reset: 1, description: 'connect status change' },
      ],
    },
  ],
});
