import type { DecodedSpace } from './lspci-decoded-space.ts';
import { putLines } from './lspci-express-text.ts';
import { readSubsystem } from './lspci-heading.ts';
import { readNumber, readValue, type TextLine, type TextRegister } from './lspci-text-register.ts';

/** Power management (PCI Power Management 1.2, 3.2). */
const powerManagementRegisters: readonly TextRegister[] = [
  {
    line: 'Flags: ',
    offset: 0x02,
    width: 2,
    flags: { PMEClk: 3, DSI: 5, D1: 9, D2: 10 },
    values: [
      {
        after: 'AuxCurrent=',
        shift: 6,
        bits: 3,
        as: ['0mA', '55mA', '100mA', '160mA', '220mA', '270mA', '320mA', '375mA'],
      },
    ],
  },
  {
    line: 'Status: ',
    offset: 0x04,
    width: 2,
    flags: { NoSoftRst: 3, 'PME-Enable': 8, PME: 15 },
    values: [
      { after: 'Status: ', shift: 0, bits: 2, as: ['D0', 'D1', 'D2', 'D3'] },
      { after: 'DSel=', shift: 9, bits: 4, as: 10 },
      { after: 'DScale=', shift: 13, bits: 2, as: 10 },
    ],
  },
];

const pmeStates = /PME\(D0([+-]),D1([+-]),D2([+-]),D3hot([+-]),D3cold([+-])\)/;

/** `Power Management version 3` and the lines below it. */
export function putPowerManagement(
  space: DecodedSpace,
  base: number,
  text: TextLine,
  lines: readonly TextLine[],
): void {
  const version = readValue(text.text, { after: 'version ', as: 10 });
  if (version !== undefined && version < 8) space.put(base + 2, 1, version, 7, text.line);
  for (const one of lines) {
    const match = pmeStates.exec(one.text);
    if (match === null) continue;
    // The names of the states are flags of their own before this; only the list counts here.
    for (let state = 0; state < 5; state++) {
      space.put(base + 3, 1, match[1 + state] === '+' ? 8 << state : 0, 8 << state, one.line);
    }
  }
  const plain = lines.map(({ text: words, line }) => ({ text: words.replace(pmeStates, ''), line }));
  putLines(space, base, powerManagementRegisters, plain);
}

const counts: readonly number[] = [1, 2, 4, 8, 16, 32];
const newMsi = /^MSI: Enable([+-]) Count=(\d+)\/(\d+) Maskable([+-]) 64bit([+-])/;
const oldMsi =
  /^Message Signalled Interrupts: Mask([+-]) 64bit([+-]) (?:Queue|Count)=(\d+)\/(\d+) Enable([+-])/;

/** `MSI: Enable+ Count=1/1 Maskable- 64bit+` and its addresses; also as versions before 3.0 print it. */
export function putMsi(space: DecodedSpace, base: number, text: TextLine, lines: readonly TextLine[]): void {
  const control = msiControl(text.text);
  if (control === undefined) return;
  // Bits 15:9 are reserved, or of newer specifications.
  space.put(base + 2, 2, control, 0x1ff, text.line);
  const wide = (control & 0x80) !== 0;
  for (const one of lines) {
    const address = readValue(one.text, { after: 'Address: ', as: 16 });
    const data = readValue(one.text, { after: 'Data: ', as: 16 });
    if (address !== undefined) {
      space.put(base + 4, 4, address % 2 ** 32, 0xffff_ffff, one.line);
      if (wide) space.put(base + 8, 4, Math.floor(address / 2 ** 32), 0xffff_ffff, one.line);
    }
    if (data !== undefined && data < 0x1_0000) space.put(base + (wide ? 12 : 8), 2, data, 0xffff, one.line);
    if ((control & 0x100) === 0) continue;
    const mask = readValue(one.text, { after: 'Masking: ', as: 16 });
    const pending = readValue(one.text, { after: 'Pending: ', as: 16 });
    const at = base + (wide ? 16 : 12);
    if (mask !== undefined) space.put(at, 4, mask, 0xffff_ffff, one.line);
    if (pending !== undefined) space.put(at + 4, 4, pending, 0xffff_ffff, one.line);
  }
}

function msiControl(text: string): number | undefined {
  const match = newMsi.exec(text);
  if (match !== null) {
    const [enabled, capable] = [counts.indexOf(Number(match[2])), counts.indexOf(Number(match[3]))];
    if (enabled < 0 || capable < 0) return undefined;
    return bit(match[1], 0x01) + capable * 0x02 + enabled * 0x10 + bit(match[5], 0x80) + bit(match[4], 0x100);
  }
  const old = oldMsi.exec(text);
  if (old === null) return undefined;
  const [enabled, capable] = [Number(old[3]), Number(old[4])];
  if (enabled > 5 || capable > 5) return undefined;
  return bit(old[5], 0x01) + capable * 0x02 + enabled * 0x10 + bit(old[2], 0x80) + bit(old[1], 0x100);
}

const bit = (sign: string | undefined, value: number): number => (sign === '+' ? value : 0);

const newMsix = /^MSI-X: Enable([+-]) Count=(\d{1,4}) Masked([+-])/;
const oldMsix = /^MSI-X: Enable([+-]) Mask([+-]) TabSize=(\d{1,4})/;

/** `MSI-X: Enable+ Count=9 Masked-` and where its tables are. */
export function putMsix(space: DecodedSpace, base: number, text: TextLine, lines: readonly TextLine[]): void {
  const match = newMsix.exec(text.text);
  const old = match === null ? oldMsix.exec(text.text) : null;
  const vectors = Number(match?.[2] ?? old?.[3] ?? 0);
  if (vectors > 0 && vectors <= 2048) {
    const masked = bit(match?.[3] ?? old?.[2], 0x4000);
    space.put(base + 2, 2, vectors - 1 + masked + bit(match?.[1] ?? old?.[1], 0x8000), 0xffff, text.line);
  }
  for (const one of lines) {
    const register = one.text.startsWith('Vector table: ') ? 4 : one.text.startsWith('PBA: ') ? 8 : 0;
    const bar = readValue(one.text, { after: 'BAR=', as: 10 });
    const offset = readValue(one.text, { after: 'offset=', as: 16 });
    if (register === 0 || bar === undefined || offset === undefined || bar > 5 || offset % 8 !== 0) continue;
    space.put(base + register, 4, offset + bar, 0xffff_ffff, one.line);
  }
}

/** Conventional PCI Advanced Features (ECN of 2006). */
const advancedFeatureRegisters: readonly TextRegister[] = [
  { line: 'AFCap: ', offset: 0x03, width: 1, flags: { TP: 0, FLR: 1 } },
  { line: 'AFCtrl: ', offset: 0x04, width: 1, flags: { FLR: 0 } },
  { line: 'AFStatus: ', offset: 0x05, width: 1, flags: { TP: 0 } },
];

/** `PCI Advanced Features` and the lines below it; its length is always 6. */
export function putAdvancedFeatures(
  space: DecodedSpace,
  base: number,
  text: TextLine,
  lines: readonly TextLine[],
): void {
  space.put(base + 2, 1, 6, 0xff, text.line);
  putLines(space, base, advancedFeatureRegisters, lines);
}

/** `Subsystem: Dell Device [1028:0443]`, of a bridge. */
export function putBridgeSubsystem(space: DecodedSpace, base: number, text: TextLine): void {
  const ids = readSubsystem(text.text);
  if (ids === undefined) return;
  space.put(base + 4, 2, ids.vendor, 0xffff, text.line);
  space.put(base + 6, 2, ids.device, 0xffff, text.line);
}

/** `Vendor Specific Information: Len=14 <?>`: the length is hexadecimal. */
export function putVendorSpecific(space: DecodedSpace, base: number, text: TextLine): void {
  const at = text.text.indexOf('Len=');
  const length = at < 0 ? undefined : readNumber(text.text, at + 4, 16);
  if (length !== undefined && length < 256) space.put(base + 2, 1, length, 0xff, text.line);
}
