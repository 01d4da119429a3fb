import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

const specification = 'NVM Express 1.4';

/** Offset of the first doorbell; CAP.DSTRD is 0. */
export const DOORBELLS = 0x1000;

/** Controller properties. */
export const nvmeController: RegisterLayout<
  | 'CAP.MQES'
  | 'CAP.CQR'
  | 'CAP.TO'
  | 'CAP2.CSS'
  | 'VS.VERSION'
  | 'INTMS.MASK'
  | 'INTMC.MASK'
  | 'CC.EN'
  | 'CC.SHN'
  | 'CSTS.RDY'
  | 'CSTS.CFS'
  | 'CSTS.SHST'
  | 'AQA.ASQS'
  | 'AQA.ACQS'
  | 'ASQ.LOW'
  | 'ASQU.HIGH'
  | 'ACQ.LOW'
  | 'ACQU.HIGH'
> = registerLayout({
  name: 'NVMe controller',
  specification,
  size: 0x38,
  registers: [
    {
      name: 'CAP',
      offset: 0x00,
      width: 32,
      section: '3.1.1',
      fields: [
        { name: 'MQES', high: 15, low: 0, access: 'RO', reset: 1023, description: 'queue entries, less one' },
        { name: 'CQR', high: 16, low: 16, access: 'RO', reset: 1 },
        { name: 'TO', high: 31, low: 24, access: 'RO', reset: 15, description: 'time-out in 500 ms' },
      ],
    },
    {
      name: 'CAP2',
      offset: 0x04,
      width: 32,
      section: '3.1.1',
      description: 'CAP bits 63:32',
      fields: [{ name: 'CSS', high: 12, low: 5, access: 'RO', reset: 1 }],
    },
    {
      name: 'VS',
      offset: 0x08,
      width: 32,
      section: '3.1.2',
      fields: [{ name: 'VERSION', high: 31, low: 0, access: 'RO', reset: 0x0001_0400 }],
    },
    {
      name: 'INTMS',
      offset: 0x0c,
      width: 32,
      section: '3.1.3',
      fields: [{ name: 'MASK', high: 31, low: 0, access: 'RW1S' }],
    },
    {
      name: 'INTMC',
      offset: 0x10,
      width: 32,
      section: '3.1.4',
      fields: [{ name: 'MASK', high: 31, low: 0, access: 'RW1C' }],
    },
    {
      name: 'CC',
      offset: 0x14,
      width: 32,
      section: '3.1.5',
      fields: [
        { name: 'EN', high: 0, low: 0, access: 'RW' },
        { name: 'SHN', high: 15, low: 14, access: 'RW', description: 'shutdown notification' },
      ],
    },
    {
      name: 'CSTS',
      offset: 0x1c,
      width: 32,
      section: '3.1.6',
      fields: [
        { name: 'RDY', high: 0, low: 0, access: 'RO' },
        { name: 'CFS', high: 1, low: 1, access: 'RO', description: 'controller fatal status' },
        { name: 'SHST', high: 3, low: 2, access: 'RO' },
      ],
    },
    {
      name: 'AQA',
      offset: 0x24,
      width: 32,
      section: '3.1.8',
      fields: [
        { name: 'ASQS', high: 11, low: 0, access: 'RW', description: 'entries, less one' },
        { name: 'ACQS', high: 27, low: 16, access: 'RW' },
      ],
    },
    {
      name: 'ASQ',
      offset: 0x28,
      width: 32,
      section: '3.1.9',
      fields: [{ name: 'LOW', high: 31, low: 12, access: 'RW' }],
    },
    {
      name: 'ASQU',
      offset: 0x2c,
      width: 32,
      section: '3.1.9',
      fields: [{ name: 'HIGH', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'ACQ',
      offset: 0x30,
      width: 32,
      section: '3.1.10',
      fields: [{ name: 'LOW', high: 31, low: 12, access: 'RW' }],
    },
    {
      name: 'ACQU',
      offset: 0x34,
      width: 32,
      section: '3.1.10',
      fields: [{ name: 'HIGH', high: 31, low: 0, access: 'RW' }],
    },
  ],
});

/** Doorbells of the admin queues and of one pair of I/O queues. */
export const nvmeDoorbells: RegisterLayout<
  'SQ0TDBL.TAIL' | 'CQ0HDBL.HEAD' | 'SQ1TDBL.TAIL' | 'CQ1HDBL.HEAD'
> = registerLayout({
  name: 'NVMe doorbells',
  specification,
  size: 0x10,
  registers: [
    {
      name: 'SQ0TDBL',
      offset: 0x0,
      width: 32,
      section: '3.1.24',
      fields: [{ name: 'TAIL', high: 15, low: 0, access: 'WO' }],
    },
    {
      name: 'CQ0HDBL',
      offset: 0x4,
      width: 32,
      section: '3.1.25',
      fields: [{ name: 'HEAD', high: 15, low: 0, access: 'WO' }],
    },
    {
      name: 'SQ1TDBL',
      offset: 0x8,
      width: 32,
      section: '3.1.24',
      fields: [{ name: 'TAIL', high: 15, low: 0, access: 'WO' }],
    },
    {
      name: 'CQ1HDBL',
      offset: 0xc,
      width: 32,
      section: '3.1.25',
      fields: [{ name: 'HEAD', high: 15, low: 0, access: 'WO' }],
    },
  ],
});
