import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

const specification = 'eXtensible Host Controller Interface for USB 1.2';

/** Offset of the operational registers in the memory BAR (CAPLENGTH). All blocks are in its first 4 KiB. */
export const XHCI_OPERATIONAL = 0x20;
/** Offset of the registers of port 1 in the BAR (xHCI 5.4.8). */
export const XHCI_PORT: number = XHCI_OPERATIONAL + 0x400;
/** Offset of USB Legacy Support in the BAR (HCCPARAMS1.XECP). */
export const XHCI_LEGACY = 0x500;
/** Offset of the runtime registers in the BAR (RTSOFF). */
export const XHCI_RUNTIME = 0x600;
/** Offset of the doorbells in the BAR (DBOFF). */
export const XHCI_DOORBELLS = 0x800;

/** The read-only head: one slot, one interrupter, one port, one segment of the event ring, contexts of 32 bytes. */
export const xhciCapability: RegisterLayout<
  | 'CAPLENGTH.LENGTH'
  | 'HCIVERSION.VERSION'
  | 'HCSPARAMS1.MAXSLOTS'
  | 'HCSPARAMS1.MAXINTRS'
  | 'HCSPARAMS1.MAXPORTS'
  | 'HCSPARAMS2.ERSTMAX'
  | 'HCCPARAMS1.AC64'
  | 'HCCPARAMS1.CSZ'
  | 'HCCPARAMS1.XECP'
  | 'DBOFF.OFFSET'
  | 'RTSOFF.OFFSET'
> = registerLayout({
  name: 'xHCI capability registers',
  specification,
  size: XHCI_OPERATIONAL,
  registers: [
    {
      name: 'CAPLENGTH',
      offset: 0x00,
      width: 8,
      section: '5.3.1',
      fields: [{ name: 'LENGTH', high: 7, low: 0, access: 'RO', reset: XHCI_OPERATIONAL }],
    },
    {
      name: 'HCIVERSION',
      offset: 0x02,
      width: 16,
      section: '5.3.2',
      fields: [{ name: 'VERSION', high: 15, low: 0, access: 'RO', reset: 0x0120 }],
    },
    {
      name: 'HCSPARAMS1',
      offset: 0x04,
      width: 32,
      section: '5.3.3',
      fields: [
        { name: 'MAXSLOTS', high: 7, low: 0, access: 'RO', reset: 1 },
        { name: 'MAXINTRS', high: 18, low: 8, access: 'RO', reset: 1 },
        { name: 'MAXPORTS', high: 31, low: 24, access: 'RO', reset: 1 },
      ],
    },
    {
      name: 'HCSPARAMS2',
      offset: 0x08,
      width: 32,
      section: '5.3.4',
      fields: [
        {
          name: 'ERSTMAX',
          high: 7,
          low: 4,
          access: 'RO',
          description: '2^0 segments; no scratchpad buffers',
        },
      ],
    },
    {
      name: 'HCCPARAMS1',
      offset: 0x10,
      width: 32,
      section: '5.3.6',
      fields: [
        { name: 'AC64', high: 0, low: 0, access: 'RO', reset: 1 },
        { name: 'CSZ', high: 2, low: 2, access: 'RO' },
        { name: 'XECP', high: 31, low: 16, access: 'RO', reset: XHCI_LEGACY / 4, description: 'in dwords' },
      ],
    },
    {
      name: 'DBOFF',
      offset: 0x14,
      width: 32,
      section: '5.3.7',
      fields: [{ name: 'OFFSET', high: 31, low: 0, access: 'RO', reset: XHCI_DOORBELLS }],
    },
    {
      name: 'RTSOFF',
      offset: 0x18,
      width: 32,
      section: '5.3.8',
      fields: [{ name: 'OFFSET', high: 31, low: 0, access: 'RO', reset: XHCI_RUNTIME }],
    },
  ],
});

/** The operational registers, at {@link XHCI_OPERATIONAL}. */
export const xhciOperational: RegisterLayout<
  | 'USBCMD.RS'
  | 'USBCMD.HCRST'
  | 'USBCMD.INTE'
  | 'USBSTS.HCH'
  | 'USBSTS.HSE'
  | 'USBSTS.EINT'
  | 'USBSTS.CNR'
  | 'PAGESIZE.SIZE'
  | 'CRCR.RCS'
  | 'CRCR.CRR'
  | 'CRCR.POINTER'
  | 'CRCRU.HIGH'
  | 'DCBAAP.POINTER'
  | 'DCBAAPU.HIGH'
  | 'CONFIG.MAXSLOTSEN'
> = registerLayout({
  name: 'xHCI operational registers',
  specification,
  size: 0x3c,
  registers: [
    {
      name: 'USBCMD',
      offset: 0x00,
      width: 32,
      section: '5.4.1',
      fields: [
        { name: 'RS', high: 0, low: 0, access: 'RW', description: 'run' },
        { name: 'HCRST', high: 1, low: 1, access: 'WO', description: 'clears itself' },
        { name: 'INTE', high: 2, low: 2, access: 'RW', description: 'interrupter enable' },
      ],
    },
    {
      name: 'USBSTS',
      offset: 0x04,
      width: 32,
      section: '5.4.2',
      fields: [
        { name: 'HCH', high: 0, low: 0, access: 'RO', reset: 1, description: 'halted' },
        { name: 'HSE', high: 2, low: 2, access: 'RW1C', description: 'host system error' },
        { name: 'EINT', high: 3, low: 3, access: 'RW1C', description: 'event interrupt' },
        { name: 'CNR', high: 11, low: 11, access: 'RO', description: 'controller not ready: never' },
      ],
    },
    {
      name: 'PAGESIZE',
      offset: 0x08,
      width: 32,
      section: '5.4.3',
      fields: [{ name: 'SIZE', high: 15, low: 0, access: 'RO', reset: 1, description: '4 KiB' }],
    },
    {
      name: 'CRCR',
      offset: 0x18,
      width: 32,
      section: '5.4.5',
      fields: [
        { name: 'RCS', high: 0, low: 0, access: 'WO', description: 'consumer cycle state' },
        { name: 'CRR', high: 3, low: 3, access: 'RO', description: 'command ring running' },
        { name: 'POINTER', high: 31, low: 6, access: 'WO' },
      ],
    },
    {
      name: 'CRCRU',
      offset: 0x1c,
      width: 32,
      section: '5.4.5',
      fields: [{ name: 'HIGH', high: 31, low: 0, access: 'WO' }],
    },
    {
      name: 'DCBAAP',
      offset: 0x30,
      width: 32,
      section: '5.4.6',
      fields: [{ name: 'POINTER', high: 31, low: 6, access: 'RW' }],
    },
    {
      name: 'DCBAAPU',
      offset: 0x34,
      width: 32,
      section: '5.4.6',
      fields: [{ name: 'HIGH', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'CONFIG',
      offset: 0x38,
      width: 32,
      section: '5.4.7',
      fields: [
        { name: 'MAXSLOTSEN', high: 7, low: 0, access: 'RW', description: '0: no slot can be enabled' },
      ],
    },
  ],
});

/** The one port's registers, at {@link XHCI_PORT}. */
export const xhciPort: RegisterLayout<'PORTSC.CCS' | 'PORTSC.CSC'> = registerLayout({
  name: 'xHCI port registers',
  specification,
  size: 0x10,
  registers: [
    {
      name: 'PORTSC',
      offset: 0x00,
      width: 32,
      section: '5.4.8',
      fields: [
        { name: 'CCS', high: 0, low: 0, access: 'RO', reset: 1, description: 'a device is connected' },
        { name: 'CSC', high: 17, low: 17, access: 'RW1C', reset: 1, description: 'connect status change' },
      ],
    },
  ],
});

/** USB Legacy Support, the one extended capability, at {@link XHCI_LEGACY}. No firmware of the model answers it. */
export const xhciLegacySupport: RegisterLayout<
  | 'USBLEGSUP.ID'
  | 'USBLEGSUP.NEXT'
  | 'USBLEGSUP.BIOS'
  | 'USBLEGSUP.OS'
  | 'USBLEGCTLSTS.SMIE'
  | 'USBLEGCTLSTS.EVENTS'
> = registerLayout({
  name: 'xHCI USB legacy support',
  specification,
  size: 0x08,
  registers: [
    {
      name: 'USBLEGSUP',
      offset: 0x00,
      width: 32,
      section: '7.1.1',
      fields: [
        { name: 'ID', high: 7, low: 0, access: 'RO', reset: 1 },
        { name: 'NEXT', high: 15, low: 8, access: 'RO' },
        {
          name: 'BIOS',
          high: 16,
          low: 16,
          access: 'RW',
          description: 'semaphore, for software alone: firmware had handed the controller over',
        },
        { name: 'OS', high: 24, low: 24, access: 'RW', description: 'semaphore, for software alone' },
      ],
    },
    {
      name: 'USBLEGCTLSTS',
      offset: 0x04,
      width: 32,
      section: '7.1.2',
      fields: [
        { name: 'SMIE', high: 0, low: 0, access: 'RW', description: 'for firmware alone' },
        { name: 'EVENTS', high: 31, low: 29, access: 'RW1C', description: 'causes of an SMI' },
      ],
    },
  ],
});

/** The runtime registers with interrupter 0, at {@link XHCI_RUNTIME}. */
export const xhciRuntime: RegisterLayout<
  | 'IMAN.IP'
  | 'IMAN.IE'
  | 'ERSTSZ.SIZE'
  | 'ERSTBA.POINTER'
  | 'ERSTBAU.HIGH'
  | 'ERDP.EHB'
  | 'ERDP.POINTER'
  | 'ERDPU.HIGH'
> = registerLayout({
  name: 'xHCI runtime registers',
  specification,
  size: 0x40,
  registers: [
    {
      name: 'IMAN',
      offset: 0x20,
      width: 32,
      section: '5.5.2.1',
      fields: [
        { name: 'IP', high: 0, low: 0, access: 'RW1C', description: 'interrupt pending' },
        { name: 'IE', high: 1, low: 1, access: 'RW', description: 'interrupt enable' },
      ],
    },
    {
      name: 'ERSTSZ',
      offset: 0x28,
      width: 32,
      section: '5.5.2.3.1',
      fields: [
        { name: 'SIZE', high: 15, low: 0, access: 'RW', description: 'segments; 0 turns the ring off' },
      ],
    },
    {
      name: 'ERSTBA',
      offset: 0x30,
      width: 32,
      section: '5.5.2.3.2',
      fields: [{ name: 'POINTER', high: 31, low: 6, access: 'RW' }],
    },
    {
      name: 'ERSTBAU',
      offset: 0x34,
      width: 32,
      section: '5.5.2.3.2',
      fields: [{ name: 'HIGH', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'ERDP',
      offset: 0x38,
      width: 32,
      section: '5.5.2.3.3',
      fields: [
        { name: 'EHB', high: 3, low: 3, access: 'RW1C', description: 'event handler busy' },
        { name: 'POINTER', high: 31, low: 4, access: 'RW' },
      ],
    },
    {
      name: 'ERDPU',
      offset: 0x3c,
      width: 32,
      section: '5.5.2.3.3',
      fields: [{ name: 'HIGH', high: 31, low: 0, access: 'RW' }],
    },
  ],
});

/** Doorbell 0 is the command ring's, doorbell 1 that of the one device slot; at {@link XHCI_DOORBELLS}. */
export const xhciDoorbells: RegisterLayout<'DB0.TARGET' | 'DB1.TARGET'> = registerLayout({
  name: 'xHCI doorbells',
  specification,
  size: 0x08,
  registers: [
    {
      name: 'DB0',
      offset: 0x00,
      width: 32,
      section: '5.6',
      fields: [{ name: 'TARGET', high: 7, low: 0, access: 'WO' }],
    },
    {
      name: 'DB1',
      offset: 0x04,
      width: 32,
      section: '5.6',
      fields: [{ name: 'TARGET', high: 7, low: 0, access: 'WO' }],
    },
  ],
});
