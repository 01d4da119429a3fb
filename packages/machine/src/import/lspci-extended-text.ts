import type { DecodedSpace } from './lspci-decoded-space.ts';
import { putLines } from './lspci-express-text.ts';
import type { TextLine, TextRegister } from './lspci-text-register.ts';

const uncorrectable: Readonly<Record<string, number>> = {
  DLP: 4,
  SDES: 5,
  TLP: 12,
  FCP: 13,
  CmpltTO: 14,
  CmpltAbrt: 15,
  UnxCmplt: 16,
  RxOF: 17,
  MalfTLP: 18,
  ECRC: 19,
  UnsupReq: 20,
  ACSViol: 21,
  UncorrIntErr: 22,
  BlockedTLP: 23,
  AtomicOpBlocked: 24,
  TLPBlockedErr: 25,
  PoisonTLPBlocked: 26,
  DMWrReqBlocked: 27,
  IDECheck: 28,
  MisIDETLP: 29,
  PCRC_CHECK: 30,
  TLPXlatBlocked: 31,
};
const correctable: Readonly<Record<string, number>> = {
  RxErr: 0,
  BadTLP: 6,
  BadDLLP: 7,
  Rollover: 8,
  Timeout: 12,
  NonFatalErr: 13,
  AdvNonFatalErr: 13,
  CorrIntErr: 14,
  HeaderOF: 15,
};
const accessControl: Readonly<Record<string, number>> = {
  SrcValid: 0,
  TransBlk: 1,
  ReqRedir: 2,
  CmpltRedir: 3,
  UpstreamFwd: 4,
  EgressCtrl: 5,
  DirectTrans: 6,
};

/** Registers of extended capabilities by ID (PCI Express 6.0, 7.7 to 7.9, and SR-IOV, ATS and PRI there), as -vv prints them. */
const registersOf: ReadonlyMap<number, readonly TextRegister[]> = new Map<number, readonly TextRegister[]>([
  [
    0x01,
    [
      { line: 'UESta:', offset: 0x04, width: 4, flags: uncorrectable },
      { line: 'UEMsk:', offset: 0x08, width: 4, flags: uncorrectable },
      { line: 'UESvrt:', offset: 0x0c, width: 4, flags: uncorrectable },
      { line: 'CESta:', offset: 0x10, width: 4, flags: correctable },
      { line: 'CEMsk:', offset: 0x14, width: 4, flags: correctable },
      {
        line: 'AERCap:',
        offset: 0x18,
        width: 4,
        flags: {
          ECRCGenCap: 5,
          ECRCGenEn: 6,
          ECRCChkCap: 7,
          ECRCChkEn: 8,
          GenCap: 5,
          CGenEn: 6,
          ChkCap: 7,
          ChkEn: 8,
          MultHdrRecCap: 9,
          MultHdrRecEn: 10,
          TLPPfxPres: 11,
          HdrLogCap: 12,
        },
        values: [{ after: 'First Error Pointer: ', shift: 0, bits: 5, as: 16 }],
      },
      { line: 'RootCmd:', offset: 0x2c, width: 4, flags: { CERptEn: 0, NFERptEn: 1, FERptEn: 2 } },
      {
        line: 'RootSta:',
        offset: 0x30,
        width: 4,
        flags: {
          CERcvd: 0,
          MultCERcvd: 1,
          UERcvd: 2,
          MultUERcvd: 3,
          FirstFatal: 4,
          NonFatalMsg: 5,
          FatalMsg: 6,
        },
        values: [{ after: 'IntMsg ', shift: 27, bits: 5, as: 10 }],
      },
      {
        line: 'ErrorSrc:',
        offset: 0x34,
        width: 4,
        values: [
          { after: 'ERR_COR: ', shift: 0, bits: 16, as: 16 },
          { after: 'ERR_FATAL/NONFATAL: ', shift: 16, bits: 16, as: 16 },
        ],
      },
    ],
  ],
  [
    0x0b,
    [
      {
        line: 'Vendor Specific Information: ',
        offset: 0x04,
        width: 4,
        values: [
          { after: 'ID=', shift: 0, bits: 16, as: 16 },
          { after: 'Rev=', shift: 16, bits: 4, as: 16 },
          { after: 'Len=', shift: 20, bits: 12, as: 16 },
        ],
      },
    ],
  ],
  [
    0x0d,
    [
      { line: 'ACSCap:', offset: 0x04, width: 2, flags: accessControl },
      { line: 'ACSCtl:', offset: 0x06, width: 2, flags: accessControl },
    ],
  ],
  [
    0x0e,
    [
      {
        line: 'ARICap:',
        offset: 0x04,
        width: 2,
        flags: { MFVC: 0, ACS: 1 },
        values: [{ after: 'Next Function: ', shift: 8, bits: 8, as: 10 }],
      },
      {
        line: 'ARICtl:',
        offset: 0x06,
        width: 2,
        flags: { MFVC: 0, ACS: 1 },
        values: [{ after: 'Function Group: ', shift: 4, bits: 3, as: 10 }],
      },
    ],
  ],
  [
    0x0f,
    [
      {
        line: 'ATSCap:',
        offset: 0x04,
        width: 2,
        values: [{ after: 'Invalidate Queue Depth: ', shift: 0, bits: 5, as: 16 }],
      },
      {
        line: 'ATSCtl:',
        offset: 0x06,
        width: 2,
        flags: { Enable: 15 },
        values: [{ after: 'Smallest Translation Unit: ', shift: 0, bits: 5, as: 16 }],
      },
    ],
  ],
  [
    0x10,
    [
      {
        line: 'IOVCap:',
        offset: 0x04,
        width: 4,
        flags: { Migration: 0, '10BitTagReq': 2 },
        values: [
          { after: 'Interrupt Message Number: ', shift: 21, bits: 11, as: 16 },
          { after: 'IntMsgNum ', shift: 21, bits: 11, as: 10 },
        ],
      },
      {
        line: 'IOVCtl:',
        offset: 0x08,
        width: 2,
        flags: { Enable: 0, Migration: 1, Interrupt: 2, MSE: 3, ARIHierarchy: 4, '10BitTagReq': 5 },
      },
      { line: 'IOVSta:', offset: 0x0a, width: 2, flags: { Migration: 0 } },
      {
        line: 'Initial VFs: ',
        offset: 0x0c,
        width: 4,
        values: [
          { after: 'Initial VFs: ', shift: 0, bits: 16, as: 10 },
          { after: 'Total VFs: ', shift: 16, bits: 16, as: 10 },
        ],
      },
      {
        line: 'Initial VFs: ',
        offset: 0x10,
        width: 4,
        values: [
          { after: 'Number of VFs: ', shift: 0, bits: 16, as: 10 },
          { after: 'Function Dependency Link: ', shift: 16, bits: 8, as: 16 },
        ],
      },
      {
        line: 'VF offset: ',
        offset: 0x14,
        width: 4,
        values: [
          { after: 'VF offset: ', shift: 0, bits: 16, as: 10 },
          { after: 'stride: ', shift: 16, bits: 16, as: 10 },
        ],
      },
      {
        line: 'VF offset: ',
        offset: 0x1a,
        width: 2,
        values: [{ after: 'Device ID: ', shift: 0, bits: 16, as: 16 }],
      },
      {
        line: 'Supported Page Size: ',
        offset: 0x1c,
        width: 4,
        values: [{ after: 'Supported Page Size: ', shift: 0, bits: 32, as: 16 }],
      },
      {
        line: 'Supported Page Size: ',
        offset: 0x20,
        width: 4,
        values: [{ after: 'System Page Size: ', shift: 0, bits: 32, as: 16 }],
      },
    ],
  ],
  [
    0x13,
    [
      { line: 'PRICtl:', offset: 0x04, width: 2, flags: { Enable: 0, Reset: 1 } },
      { line: 'PRISta:', offset: 0x06, width: 2, flags: { RF: 0, UPRGI: 1, Stopped: 8, PASID: 15 } },
      {
        line: 'Page Request Capacity: ',
        offset: 0x08,
        width: 4,
        values: [{ after: 'Page Request Capacity: ', shift: 0, bits: 32, as: 16 }],
      },
      {
        line: 'Page Request Capacity: ',
        offset: 0x0c,
        width: 4,
        values: [{ after: 'Page Request Allocation: ', shift: 0, bits: 32, as: 16 }],
      },
    ],
  ],
  [
    0x1b,
    [
      {
        line: 'PASIDCap:',
        offset: 0x04,
        width: 2,
        flags: { Exec: 1, Priv: 2 },
        values: [{ after: 'Max PASID Width: ', shift: 8, bits: 5, as: 16 }],
      },
      { line: 'PASIDCtl:', offset: 0x06, width: 2, flags: { Enable: 0, Exec: 1, Priv: 2 } },
    ],
  ],
  [
    0x1d,
    [
      {
        line: 'DpcCap:',
        offset: 0x04,
        width: 2,
        flags: { RPExt: 5, PoisonedTLP: 6, SwTrigger: 7, DL_ActiveErr: 12 },
        values: [
          { after: 'INT Msg #', shift: 0, bits: 5, as: 10 },
          { after: 'IntMsgNum ', shift: 0, bits: 5, as: 10 },
          { after: 'RP PIO Log ', shift: 8, bits: 4, as: 10 },
        ],
      },
      {
        line: 'DpcCtl:',
        offset: 0x06,
        width: 2,
        flags: { Cmpl: 2, INT: 3, ErrCor: 4, PoisonedTLP: 5, SwTrigger: 6, DL_ActiveErr: 7 },
        values: [{ after: 'Trigger:', shift: 0, bits: 2, as: 16 }],
      },
      {
        line: 'DpcSta:',
        offset: 0x08,
        width: 2,
        flags: { Trigger: 0, INT: 3, RPBusy: 4 },
        values: [
          { after: 'Reason:', shift: 1, bits: 2, as: 16 },
          { after: 'TriggerExt:', shift: 5, bits: 2, as: 16 },
          { after: 'RP PIO ErrPtr:', shift: 8, bits: 5, as: 16 },
        ],
      },
      {
        line: 'Source:',
        offset: 0x0a,
        width: 2,
        values: [{ after: 'Source: ', shift: 0, bits: 16, as: 16 }],
      },
    ],
  ],
]);

const serialNumber = /^Device Serial Number ((?:[0-9a-f]{2}-){7}[0-9a-f]{2})$/;
const headerLog = /^HeaderLog: ([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8})/;
const virtualRegion = /^Region ([0-5]): Memory at ([0-9a-f]{1,16}) \((32-bit|64-bit), (non-)?prefetchable\)/;

/** What stands below the line of an extended capability, and in it. */
export function putExtended(
  space: DecodedSpace,
  id: number,
  base: number,
  text: TextLine,
  lines: readonly TextLine[],
): void {
  const all = [text, ...lines];
  for (const one of all) {
    // Two registers may stand in one line.
    for (const register of registersOf.get(id) ?? []) putLines(space, base, [register], [one]);
    if (id === 0x01) putHeaderLog(space, base, one);
    if (id === 0x10) putVirtualRegion(space, base, one);
  }
  if (id === 0x03) putSerialNumber(space, base, text);
}

function putSerialNumber(space: DecodedSpace, base: number, { text, line }: TextLine): void {
  const match = serialNumber.exec(text);
  // Zeros stand there where a serial number was taken out before the text was shared.
  if (match === null || !/[1-9a-f]/.test(match[1] as string)) return;
  const bytes = (match[1] as string).split('-').reverse();
  for (const [i, byte] of bytes.entries()) {
    space.put(base + 4 + i, 1, Number.parseInt(byte, 16), 0xff, line);
  }
}

function putHeaderLog(space: DecodedSpace, base: number, { text, line }: TextLine): void {
  const match = headerLog.exec(text);
  for (let i = 0; match !== null && i < 4; i++) {
    space.put(base + 0x1c + 4 * i, 4, Number.parseInt(match[1 + i] as string, 16), 0xffff_ffff, line);
  }
}

/** `Region 0: Memory at 0000007031000000 (64-bit, prefetchable)`: a base address register of all virtual functions. */
function putVirtualRegion(space: DecodedSpace, base: number, { text, line }: TextLine): void {
  const match = virtualRegion.exec(text);
  const address = match === null ? 2 ** 52 : Number.parseInt(match[2] as string, 16);
  if (match === null || address >= 2 ** 52) return;
  const at = base + 0x24 + 4 * Number(match[1]);
  const type = (match[3] === '64-bit' ? 4 : 0) + (match[4] === undefined ? 8 : 0);
  const low = address % 2 ** 32;
  space.put(at, 4, low - (low % 16) + type, 0xffff_ffff, line);
  if (match[3] === '64-bit') space.put(at + 4, 4, Math.floor(address / 2 ** 32), 0xffff_ffff, line);
}
