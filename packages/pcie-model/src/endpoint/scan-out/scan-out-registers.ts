import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Offset of pipe A and its primary plane in the register BAR. */
export const DISPLAY_PIPE = 0x7_0000;

/** One pipe and its primary plane, as on Intel graphics. Offsets are from {@link DISPLAY_PIPE}. */
export const displayPlane: RegisterLayout<
  | 'PIPEDSL.LINE'
  | 'PIPEFRAME.COUNT'
  | 'DSPCNTR.ENABLE'
  | 'DSPSTRIDE.STRIDE'
  | 'DSPSIZE.LINES'
  | 'DSPSURF.BASE'
> = registerLayout({
  name: 'display plane',
  specification: 'Intel HD Graphics Programmer Reference Manual, Volume 3: Display',
  size: 0x1a0,
  registers: [
    {
      name: 'PIPEDSL',
      offset: 0x000,
      width: 32,
      section: 'PIPE_DSL',
      fields: [{ name: 'LINE', high: 12, low: 0, access: 'RO', description: 'line being read' }],
    },
    {
      name: 'PIPEFRAME',
      offset: 0x040,
      width: 32,
      section: 'PIPE_FRMCOUNT',
      fields: [{ name: 'COUNT', high: 31, low: 0, access: 'RO' }],
    },
    {
      name: 'DSPCNTR',
      offset: 0x180,
      width: 32,
      section: 'DSPCNTR',
      fields: [{ name: 'ENABLE', high: 31, low: 31, access: 'RW' }],
    },
    {
      name: 'DSPSTRIDE',
      offset: 0x188,
      width: 32,
      section: 'DSPSTRIDE',
      fields: [
        { name: 'STRIDE', high: 15, low: 6, access: 'RW', description: 'bytes from line to line, in 64' },
      ],
    },
    {
      name: 'DSPSIZE',
      offset: 0x190,
      width: 32,
      section: 'DSPSIZE',
      fields: [{ name: 'LINES', high: 27, low: 16, access: 'RW', description: 'lines, less one' }],
    },
    {
      name: 'DSPSURF',
      offset: 0x19c,
      width: 32,
      section: 'DSPSURF',
      fields: [{ name: 'BASE', high: 31, low: 12, access: 'RW' }],
    },
  ],
});
