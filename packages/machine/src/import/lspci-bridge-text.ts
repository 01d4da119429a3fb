import type { DecodedSpace } from './lspci-decoded-space.ts';
import { putRegister, type TextLine, type TextRegister } from './lspci-text-register.ts';

/** Registers of a PCI-to-PCI bridge (PCI-to-PCI Bridge Architecture 1.2, 3.2) that are printed as flags and numbers. */
const bridgeRegisters: readonly TextRegister[] = [
  {
    line: 'Bus: ',
    offset: 0x18,
    width: 4,
    values: [
      { after: 'primary=', shift: 0, bits: 8, as: 16 },
      { after: 'secondary=', shift: 8, bits: 8, as: 16 },
      { after: 'subordinate=', shift: 16, bits: 8, as: 16 },
      { after: 'sec-latency=', shift: 24, bits: 8, as: 10 },
    ],
  },
  {
    line: 'Secondary status: ',
    offset: 0x1e,
    width: 2,
    flags: {
      '66MHz': 5,
      UDF: 6,
      FastB2B: 7,
      ParErr: 8,
      '>TAbort': 11,
      '<TAbort': 12,
      '<MAbort': 13,
      '<SERR': 14,
      '>SERR': 14,
      '<PERR': 15,
    },
    values: [{ after: 'DEVSEL=', shift: 9, bits: 2, as: ['fast', 'medium', 'slow'] }],
  },
  {
    line: 'BridgeCtl: ',
    offset: 0x3e,
    width: 2,
    flags: {
      Parity: 0,
      SERR: 1,
      NoISA: 2,
      VGA: 3,
      VGA16: 4,
      MAbort: 5,
      '>Reset': 6,
      FastB2B: 7,
      PriDiscTmr: 8,
      SecDiscTmr: 9,
      DiscTmrStat: 10,
      DiscTmrSERREn: 11,
    },
  },
];

interface Window {
  readonly name: string;
  /** Of the base register; the limit follows in the same width. */
  readonly offset: number;
  readonly width: 1 | 2;
  /** Bytes of one step of the window. */
  readonly granularity: number;
  /** Where the upper parts of base and limit stand, and their width; undefined if there are none. */
  readonly upper?: { readonly offset: number; readonly width: 2 | 4; readonly from: number };
}

const windows: readonly Window[] = [
  {
    name: 'I/O behind bridge: ',
    offset: 0x1c,
    width: 1,
    granularity: 0x1000,
    upper: { offset: 0x30, width: 2, from: 0x1_0000 },
  },
  { name: 'Memory behind bridge: ', offset: 0x20, width: 2, granularity: 0x10_0000 },
  {
    name: 'Prefetchable memory behind bridge: ',
    offset: 0x24,
    width: 2,
    granularity: 0x10_0000,
    upper: { offset: 0x28, width: 4, from: 0x1_0000_0000 },
  },
];

const range = /^([0-9a-f]{4,16})-([0-9a-f]{4,16})(?= |$)/;

/** A line of a bridge's header; false if it is none. */
export function putBridgeLine(space: DecodedSpace, text: TextLine): boolean {
  const register = bridgeRegisters.find(({ line }) => text.text.startsWith(line));
  if (register !== undefined) {
    putRegister(space, 0, register, text);
    return true;
  }
  const window = windows.find(({ name }) => text.text.startsWith(name));
  if (window === undefined) return false;
  putWindow(space, window, text);
  return true;
}

function putWindow(space: DecodedSpace, window: Window, { text, line }: TextLine): void {
  const said = text.slice(window.name.length);
  const match = range.exec(said);
  const closed = said.startsWith('None') || said.includes('[disabled]');
  if (match === null) {
    // lspci leaves the numbers of a closed window out: its base lies above its limit.
    if (!closed) return;
    const units = window.width === 1 ? 0xf0 : 0xfff0;
    space.assume(window.offset, window.width, units, window.width === 1 ? 0xf0 : 0xfff0);
    space.assume(window.offset + window.width, window.width, 0, window.width === 1 ? 0xf0 : 0xfff0);
    return;
  }
  const base = Number.parseInt(match[1] as string, 16);
  const limit = Number.parseInt(match[2] as string, 16);
  if (base >= 2 ** 52 || limit >= 2 ** 52) return;
  putBound(space, window, window.offset, 0, base, line);
  putBound(space, window, window.offset + window.width, 1, limit, line);
  putKind(space, window, { digits: (match[1] as string).length, highest: Math.max(base, limit), line });
}

function putBound(
  space: DecodedSpace,
  { granularity, width, upper }: Window,
  offset: number,
  index: 0 | 1,
  address: number,
  line: number,
): void {
  const step = Math.floor(address / granularity);
  const [mask, steps] = width === 1 ? [0xf0, 0x10] : [0xfff0, 0x1000];
  space.put(offset, width, (step % steps) * 16, mask, line);
  if (upper === undefined || address < upper.from) return;
  const rest = Math.floor(address / upper.from);
  if (rest < 2 ** (8 * upper.width)) {
    space.put(upper.offset + index * upper.width, upper.width, rest, 2 ** (8 * upper.width) - 1, line);
  }
}

/**
 * Bits 3:0 say whether the window has upper parts. lspci's own mark of it is wrong in some versions, which say 32-bit of
 * windows above 4 GiB; that an address needs more digits, or is printed with 16, is the better witness.
 */
function putKind(
  space: DecodedSpace,
  { offset, width, upper }: Window,
  { digits, highest, line }: { readonly digits: number; readonly highest: number; readonly line: number },
): void {
  if (upper === undefined) {
    space.put(offset, width, 0, 0x0f, line);
    space.put(offset + width, width, 0, 0x0f, line);
    return;
  }
  if (highest >= upper.from || (width === 2 && digits === 16)) {
    space.put(offset, width, 1, 0x0f, line);
    space.put(offset + width, width, 1, 0x0f, line);
  }
}

const cardBusWindow = /^(Memory|I\/O) window ([01]): ([0-9a-f]{8})-([0-9a-f]{8})/;

/** A line of a CardBus bridge's header (PC Card Standard 8, 4.5); false if it is none. */
export function putCardBusLine(space: DecodedSpace, text: TextLine): boolean {
  const bus = bridgeRegisters[0];
  if (bus !== undefined && text.text.startsWith(bus.line)) {
    putRegister(space, 0, bus, text);
    return true;
  }
  const match = cardBusWindow.exec(text.text);
  if (match === null) return false;
  const io = match[1] === 'I/O';
  const at = (io ? 0x2c : 0x1c) + 8 * Number(match[2]);
  const mask = io ? 0xffff_fffc : 0xffff_f000;
  const put = (offset: number, digits: string): void => {
    const address = Number.parseInt(digits, 16);
    space.put(offset, 4, address - (address % (io ? 4 : 0x1000)), mask, text.line);
  };
  put(at, match[3] as string);
  put(at + 4, match[4] as string);
  return true;
}
