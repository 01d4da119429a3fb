import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

const specification = 'Intel 82574 GbE Controller Family Datasheet 3.4';

/** Causes in ICR, ICS, IMS and IMC (82574 datasheet 10.2.4). */
export const InterruptCause = {
  linkStatusChange: 0x04,
  receiveOverrun: 0x40,
  receiveTimer: 0x80,
} as const;

/** General, interrupt and receive control registers: 0x0000 to 0x01FF of the memory BAR. */
export const networkGeneral: RegisterLayout<
  | 'CTRL.FD'
  | 'CTRL.GIO_MASTER_DISABLE'
  | 'CTRL.SLU'
  | 'CTRL.RST'
  | 'STATUS.FD'
  | 'STATUS.LU'
  | 'STATUS.GIO_MASTER_ENABLE'
  | 'ICR.CAUSES'
  | 'ICR.INT_ASSERTED'
  | 'ICS.CAUSES'
  | 'IMS.CAUSES'
  | 'IMC.CAUSES'
  | 'RCTL.EN'
  | 'RCTL.BSIZE'
> = registerLayout({
  name: '82574 general',
  specification,
  size: 0x200,
  registers: [
    {
      name: 'CTRL',
      offset: 0x0000,
      width: 32,
      section: '10.2.2.1',
      fields: [
        { name: 'FD', high: 0, low: 0, access: 'RO', reset: 1, description: 'full duplex' },
        { name: 'GIO_MASTER_DISABLE', high: 2, low: 2, access: 'RW' },
        { name: 'SLU', high: 6, low: 6, access: 'RW', description: 'set link up' },
        { name: 'RST', high: 26, low: 26, access: 'RW', description: 'device reset, set until it is done' },
      ],
    },
    {
      name: 'STATUS',
      offset: 0x0008,
      width: 32,
      section: '10.2.2.2',
      fields: [
        { name: 'FD', high: 0, low: 0, access: 'RO', reset: 1 },
        { name: 'LU', high: 1, low: 1, access: 'RO', description: 'link up' },
        { name: 'GIO_MASTER_ENABLE', high: 19, low: 19, access: 'RO', reset: 1 },
      ],
    },
    {
      name: 'ICR',
      offset: 0x00c0,
      width: 32,
      section: '10.2.4.1',
      description: 'reading clears it',
      fields: [
        { name: 'CAUSES', high: 24, low: 0, access: 'RW1C' },
        { name: 'INT_ASSERTED', high: 31, low: 31, access: 'RO' },
      ],
    },
    {
      name: 'ICS',
      offset: 0x00c8,
      width: 32,
      section: '10.2.4.3',
      fields: [{ name: 'CAUSES', high: 24, low: 0, access: 'WO' }],
    },
    {
      name: 'IMS',
      offset: 0x00d0,
      width: 32,
      section: '10.2.4.4',
      fields: [{ name: 'CAUSES', high: 24, low: 0, access: 'RW1S' }],
    },
    {
      name: 'IMC',
      offset: 0x00d8,
      width: 32,
      section: '10.2.4.5',
      fields: [{ name: 'CAUSES', high: 24, low: 0, access: 'WO' }],
    },
    {
      name: 'RCTL',
      offset: 0x0100,
      width: 32,
      section: '10.2.5.1',
      fields: [
        { name: 'EN', high: 1, low: 1, access: 'RW', description: 'receive enable' },
        {
          name: 'BSIZE',
          high: 17,
          low: 16,
          access: 'RW',
          description: 'buffers of 2048, 1024, 512, 256 bytes',
        },
      ],
    },
  ],
});

/** Offset of the receive queue's registers in the memory BAR. */
export const RECEIVE_QUEUE = 0x2800;

/** The same registers where the 82542 had them; later controllers answer there, too. For BARs of less than 16 KiB. */
export const RECEIVE_QUEUE_ALIAS = 0x110;

/** Receive descriptor ring 0. */
export const receiveQueue: RegisterLayout<
  'RDBAL.BASE' | 'RDBAH.BASE' | 'RDLEN.LEN' | 'RDH.HEAD' | 'RDT.TAIL'
> = registerLayout({
  name: '82574 receive queue',
  specification,
  size: 0x20,
  registers: [
    {
      name: 'RDBAL',
      offset: 0x00,
      width: 32,
      section: '10.2.5.6',
      fields: [{ name: 'BASE', high: 31, low: 4, access: 'RW' }],
    },
    {
      name: 'RDBAH',
      offset: 0x04,
      width: 32,
      section: '10.2.5.7',
      fields: [{ name: 'BASE', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'RDLEN',
      offset: 0x08,
      width: 32,
      section: '10.2.5.8',
      description: 'bytes of the ring, a multiple of 128',
      fields: [{ name: 'LEN', high: 19, low: 7, access: 'RW' }],
    },
    {
      name: 'RDH',
      offset: 0x10,
      width: 32,
      section: '10.2.5.9',
      fields: [{ name: 'HEAD', high: 15, low: 0, access: 'RW' }],
    },
    {
      name: 'RDT',
      offset: 0x18,
      width: 32,
      section: '10.2.5.10',
      fields: [{ name: 'TAIL', high: 15, low: 0, access: 'RW' }],
    },
  ],
});
