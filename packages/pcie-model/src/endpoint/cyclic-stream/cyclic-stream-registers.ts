import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

const specification = 'High Definition Audio Specification 1.0a';

/** Offset of the first stream descriptor. */
export const STREAM_DESCRIPTOR = 0x80;

/** The controller's registers and its one stream descriptor. Numbers are offsets in the memory BAR. */
export const streamController: RegisterLayout<
  | 'GCAP.64OK'
  | 'GCAP.ISS'
  | 'GCAP.OSS'
  | 'GCTL.CRST'
  | 'STATESTS.SDIWAKE'
  | 'INTCTL.SIE'
  | 'INTCTL.GIE'
  | 'INTSTS.SIS'
  | 'INTSTS.GIS'
  | 'WALCLK.COUNTER'
  | 'SDCTL.SRST'
  | 'SDCTL.RUN'
  | 'SDCTL.IOCE'
  | 'SDCTL.DEIE'
  | 'SDCTL.BCIS'
  | 'SDCTL.DESE'
  | 'SDLPIB.POSITION'
  | 'SDCBL.LENGTH'
  | 'SDLVI.LAST'
  | 'SDBDPL.BASE'
  | 'SDBDPU.BASE'
> = registerLayout({
  name: 'HD audio controller',
  specification,
  size: 0xa0,
  registers: [
    {
      name: 'GCAP',
      offset: 0x00,
      width: 16,
      section: '3.3.2',
      fields: [
        { name: '64OK', high: 0, low: 0, access: 'RO', reset: 1 },
        { name: 'ISS', high: 11, low: 8, access: 'RO', description: 'input streams' },
        { name: 'OSS', high: 15, low: 12, access: 'RO', description: 'output streams' },
      ],
    },
    {
      name: 'GCTL',
      offset: 0x08,
      width: 32,
      section: '3.3.7',
      fields: [
        { name: 'CRST', high: 0, low: 0, access: 'RW', description: '0 holds the controller in reset' },
      ],
    },
    {
      name: 'STATESTS',
      offset: 0x0e,
      width: 16,
      section: '3.3.9',
      fields: [{ name: 'SDIWAKE', high: 0, low: 0, access: 'RW1C', description: 'a codec is there' }],
    },
    {
      name: 'INTCTL',
      offset: 0x20,
      width: 32,
      section: '3.3.14',
      fields: [
        { name: 'SIE', high: 0, low: 0, access: 'RW' },
        { name: 'GIE', high: 31, low: 31, access: 'RW' },
      ],
    },
    {
      name: 'INTSTS',
      offset: 0x24,
      width: 32,
      section: '3.3.15',
      fields: [
        { name: 'SIS', high: 0, low: 0, access: 'RO' },
        { name: 'GIS', high: 31, low: 31, access: 'RO' },
      ],
    },
    {
      name: 'WALCLK',
      offset: 0x30,
      width: 32,
      section: '3.3.16',
      fields: [{ name: 'COUNTER', high: 31, low: 0, access: 'RO', description: '24 MHz' }],
    },
    {
      name: 'SDCTL',
      offset: 0x80,
      width: 32,
      section: '3.3.35, 3.3.36',
      description: 'stream control in bits 23:0, stream status in bits 31:24',
      fields: [
        { name: 'SRST', high: 0, low: 0, access: 'RW' },
        { name: 'RUN', high: 1, low: 1, access: 'RW' },
        { name: 'IOCE', high: 2, low: 2, access: 'RW' },
        { name: 'DEIE', high: 4, low: 4, access: 'RW' },
        { name: 'BCIS', high: 26, low: 26, access: 'RW1C' },
        { name: 'DESE', high: 28, low: 28, access: 'RW1C' },
      ],
    },
    {
      name: 'SDLPIB',
      offset: 0x84,
      width: 32,
      section: '3.3.37',
      fields: [
        { name: 'POSITION', high: 31, low: 0, access: 'RO', description: 'link position in the buffer' },
      ],
    },
    {
      name: 'SDCBL',
      offset: 0x88,
      width: 32,
      section: '3.3.38',
      fields: [
        { name: 'LENGTH', high: 31, low: 0, access: 'RW', description: 'cyclic buffer length, bytes' },
      ],
    },
    {
      name: 'SDLVI',
      offset: 0x8c,
      width: 16,
      section: '3.3.39',
      fields: [{ name: 'LAST', high: 7, low: 0, access: 'RW', description: 'last valid index' }],
    },
    {
      name: 'SDBDPL',
      offset: 0x98,
      width: 32,
      section: '3.3.42',
      fields: [{ name: 'BASE', high: 31, low: 7, access: 'RW' }],
    },
    {
      name: 'SDBDPU',
      offset: 0x9c,
      width: 32,
      section: '3.3.43',
      fields: [{ name: 'BASE', high: 31, low: 0, access: 'RW' }],
    },
  ],
});
