import type { DecodedSpace } from './lspci-decoded-space.ts';
import { type FunctionIdentity, readSubsystem } from './lspci-heading.ts';
import { putRegister, readNumber, type TextLine, type TextRegister } from './lspci-text-register.ts';

const devsel: TextRegister['values'] = [
  { after: 'DEVSEL=', shift: 9, bits: 2, as: ['fast', 'medium', 'slow'] },
];

/** Registers of every header (PCI 3.0, 6.2), as -vv prints them. */
const headerRegisters: readonly TextRegister[] = [
  {
    line: 'Control: ',
    offset: 0x04,
    width: 2,
    flags: {
      'I/O': 0,
      Mem: 1,
      BusMaster: 2,
      SpecCycle: 3,
      MemWINV: 4,
      VGASnoop: 5,
      ParErr: 6,
      Stepping: 7,
      SERR: 8,
      FastB2B: 9,
      DisINTx: 10,
    },
  },
  {
    line: 'Status: ',
    offset: 0x06,
    width: 2,
    flags: {
      INTx: 3,
      Cap: 4,
      '66MHz': 5,
      UDF: 6,
      FastB2B: 7,
      ParErr: 8,
      '>TAbort': 11,
      '<TAbort': 12,
      '<MAbort': 13,
      '>SERR': 14,
      '<PERR': 15,
    },
    ...(devsel === undefined ? {} : { values: devsel }),
  },
  {
    line: 'Interrupt: pin ',
    offset: 0x3d,
    width: 1,
    values: [{ after: 'Interrupt: pin ', shift: 0, bits: 8, as: ['?', 'A', 'B', 'C', 'D'] }],
  },
];

/** `Flags: bus master, fast devsel, latency 0, IRQ 107` of -v: words that stand there or not. */
const flagWords: readonly (readonly [word: string, offset: number, mask: number])[] = [
  ['bus master', 0x04, 0x04],
  ['VGA palette snoop', 0x04, 0x20],
  ['stepping', 0x04, 0x80],
  ['66MHz', 0x06, 0x20],
  ['user-definable features', 0x06, 0x40],
];

/** Puts identity and header type into the space. */
export function putIdentity(
  space: DecodedSpace,
  identity: FunctionIdentity,
  { headerType, verbose }: { readonly headerType: number; readonly verbose: boolean },
  line: number,
): void {
  const put = (offset: number, width: number, value: number | undefined): void => {
    if (value !== undefined) space.put(offset, width, value, 2 ** (8 * width) - 1, line);
  };
  put(0x00, 2, identity.vendor);
  put(0x02, 2, identity.device);
  put(0x08, 1, identity.revision);
  put(0x09, 1, identity.programmingInterface);
  put(0x0a, 2, identity.classCode);
  // Bridges of -v and above have lines that others lack.
  if (verbose) space.put(0x0e, 1, headerType, 0x7f, line);
  else space.assume(0x0e, 1, headerType, 0x7f);
  if (headerType !== 0) return;
  put(0x2c, 2, identity.subsystemVendor);
  put(0x2e, 2, identity.subsystemDevice);
}

/** A line of the header; false if it is none that is known here. */
export function putHeaderLine(space: DecodedSpace, text: TextLine, headerType: number): boolean {
  const register = headerRegisters.find(({ line }) => text.text.startsWith(line));
  if (register !== undefined) putRegister(space, 0, register, text);
  else if (text.text.startsWith('Flags: ')) putFlags(space, text);
  else if (text.text.startsWith('Subsystem: ')) putSubsystem(space, text, headerType);
  else if (text.text.startsWith('Latency: ')) putLatency(space, text);
  else return false;
  return true;
}

function putFlags(space: DecodedSpace, { text, line }: TextLine): void {
  const words = text.slice(7).split(', ');
  for (const [word, offset, mask] of flagWords) {
    space.put(offset, 1, words.includes(word) ? mask : 0, mask, line);
  }
  const speed = ['fast devsel', 'medium devsel', 'slow devsel'].findIndex((one) => words.includes(one));
  if (speed >= 0) space.put(0x07, 1, speed << 1, 0x06, line);
  const latency = words.find((one) => one.startsWith('latency '));
  const value = latency === undefined ? undefined : readNumber(latency, 8, 10);
  if (value !== undefined && value < 256) space.put(0x0d, 1, value, 0xff, line);
}

function putSubsystem(space: DecodedSpace, { text, line }: TextLine, headerType: number): void {
  const ids = readSubsystem(text);
  if (ids === undefined || headerType === 1) return;
  const offset = headerType === 2 ? 0x40 : 0x2c;
  space.put(offset, 2, ids.vendor, 0xffff, line);
  space.put(offset + 2, 2, ids.device, 0xffff, line);
}

/** `Latency: 32 (250ns min, 1250ns max), Cache Line Size: 64 bytes` */
function putLatency(space: DecodedSpace, { text, line }: TextLine): void {
  const latency = readNumber(text, 9, 10);
  if (latency !== undefined && latency < 256) space.put(0x0d, 1, latency, 0xff, line);
  const at = text.indexOf('Cache Line Size: ');
  const bytes = at < 0 ? 0 : readNumber(text, at + 17, 10);
  if (bytes === undefined || bytes % 4 !== 0 || bytes >= 1024) return;
  // Old versions print the register itself, without a unit.
  if (at < 0 || text.includes(' bytes', at)) space.put(0x0c, 1, bytes / 4, 0xff, line);
}
