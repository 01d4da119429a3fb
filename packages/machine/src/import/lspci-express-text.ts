import type { DecodedSpace } from './lspci-decoded-space.ts';
import { putRegister, readValue, type TextLine, type TextRegister } from './lspci-text-register.ts';

const payloads: readonly string[] = ['128 ', '256 ', '512 ', '1024 ', '2048 ', '4096 '];
const latencyL0s: readonly string[] = [
  '<64ns',
  '<128ns',
  '<256ns',
  '<512ns',
  '<1us',
  '<2us',
  '<4us',
  'unlimited',
];
const latencyL1: readonly string[] = ['<1us', '<2us', '<4us', '<8us', '<16us', '<32us', '<64us', 'unlimited'];
/** Link speed 1 is 2.5 GT/s; the words end where the number does. */
const speeds: readonly string[] = ['', '2.5GT/s', '5GT/s', '8GT/s', '16GT/s', '32GT/s', '64GT/s'];
const aspm: readonly string[] = ['Disabled', 'L0s Enabled', 'L1 Enabled', 'L0s L1 Enabled'];
const indicators: readonly string[] = ['Unknown', 'On', 'Blink', 'Off'];

const aspmSupport: readonly string[] = ['not supported', 'L0s,', 'L1,', 'L0s L1,'];

/** The PCI Express capability (PCI Express 6.0, 7.5.3), as -vv prints it. */
const expressRegisters: readonly TextRegister[] = [
  {
    line: 'DevCap:',
    offset: 0x04,
    width: 4,
    flags: { ExtTag: 5, AttnBtn: 12, AttnInd: 13, PwrInd: 14, RBE: 15, FLReset: 28 },
    values: [
      { after: 'MaxPayload ', shift: 0, bits: 3, as: payloads },
      { after: 'PhantFunc ', shift: 3, bits: 2, as: ['0', '1', '3', '7'] },
      { after: 'Latency L0s ', shift: 6, bits: 3, as: latencyL0s },
      { after: ', L1 ', shift: 9, bits: 3, as: latencyL1 },
    ],
  },
  {
    line: 'DevCtl:',
    offset: 0x08,
    width: 2,
    flags: {
      CorrErr: 0,
      Correctable: 0,
      NonFatalErr: 1,
      'Non-Fatal': 1,
      FatalErr: 2,
      Fatal: 2,
      UnsupReq: 3,
      Unsupported: 3,
      RlxdOrd: 4,
      ExtTag: 8,
      PhantFunc: 9,
      AuxPwr: 10,
      NoSnoop: 11,
      BrConfRtry: 15,
      FLReset: 15,
    },
    values: [
      { after: 'MaxPayload ', shift: 5, bits: 3, as: payloads },
      { after: 'MaxReadReq ', shift: 12, bits: 3, as: payloads },
    ],
  },
  {
    line: 'DevSta:',
    offset: 0x0a,
    width: 2,
    flags: {
      CorrErr: 0,
      NonFatalErr: 1,
      UncorrErr: 1,
      FatalErr: 2,
      UnsupReq: 3,
      UnsuppReq: 3,
      AuxPwr: 4,
      TransPend: 5,
    },
  },
  {
    line: 'LnkCap:',
    offset: 0x0c,
    width: 4,
    flags: { ClockPM: 18, Surprise: 19, LLActRep: 20, BwNot: 21, ASPMOptComp: 22 },
    values: [
      { after: 'Speed ', shift: 0, bits: 4, as: speeds },
      { after: 'Width x', shift: 4, bits: 6, as: 10 },
      { after: 'ASPM ', shift: 10, bits: 2, as: aspmSupport },
      { after: 'Exit Latency L0s ', shift: 12, bits: 3, as: latencyL0s },
      { after: 'Exit Latency L1 ', shift: 15, bits: 3, as: latencyL1 },
      { after: ', L1 ', shift: 15, bits: 3, as: latencyL1 },
      { after: 'Port #', shift: 24, bits: 8, as: 10 },
    ],
  },
  {
    line: 'LnkCtl:',
    offset: 0x10,
    width: 2,
    flags: {
      Disabled: 4,
      LnkDisable: 4,
      CommClk: 6,
      ExtSynch: 7,
      ClockPM: 8,
      AutWidDis: 9,
      BWInt: 10,
      AutBWInt: 11,
    },
    values: [
      { after: 'ASPM ', shift: 0, bits: 2, as: aspm },
      { after: 'RCB ', shift: 3, bits: 1, as: ['64', '128'] },
    ],
  },
  {
    line: 'LnkSta:',
    offset: 0x12,
    width: 2,
    flags: { TrErr: 10, Train: 11, SlotClk: 12, DLActive: 13, BWMgmt: 14, ABWMgmt: 15 },
    values: [
      { after: 'Speed ', shift: 0, bits: 4, as: speeds },
      { after: 'Width x', shift: 4, bits: 6, as: 10 },
    ],
  },
  {
    line: 'SltCap:',
    offset: 0x14,
    width: 4,
    flags: {
      AttnBtn: 0,
      PwrCtrl: 1,
      MRL: 2,
      AttnInd: 3,
      PwrInd: 4,
      Surprise: 5,
      HotPlug: 6,
      Interlock: 17,
      NoCompl: 18,
    },
    values: [{ after: 'Slot #', shift: 19, bits: 13, as: 10 }],
  },
  {
    line: 'SltCtl:',
    offset: 0x18,
    width: 2,
    flags: {
      AttnBtn: 0,
      PwrFlt: 1,
      MRL: 2,
      PresDet: 3,
      CmdCplt: 4,
      HPIrq: 5,
      Power: 10,
      Interlock: 11,
      LinkChg: 12,
    },
    values: [
      { after: 'AttnInd ', shift: 6, bits: 2, as: indicators },
      { after: 'PwrInd ', shift: 8, bits: 2, as: indicators },
    ],
  },
  {
    line: 'SltSta:',
    offset: 0x1a,
    width: 2,
    flags: {
      'Status:AttnBtn': 0,
      'Status:PowerFlt': 1,
      'Changed:MRL': 2,
      'Changed:PresDet': 3,
      'Status:CmdCplt': 4,
      'Status:MRL': 5,
      'Status:PresDet': 6,
      'Status:Interlock': 7,
      'Changed:LinkState': 8,
    },
  },
  {
    line: 'RootCtl:',
    offset: 0x1c,
    width: 2,
    flags: { ErrCorrectable: 0, 'ErrNon-Fatal': 1, ErrFatal: 2, PMEIntEna: 3, CRSVisible: 4 },
  },
  { line: 'RootCap:', offset: 0x1e, width: 2, flags: { CRSVisible: 0 } },
  {
    line: 'RootSta:',
    offset: 0x20,
    width: 4,
    flags: { PMEStatus: 16, PMEPending: 17 },
    values: [{ after: 'PME ReqID ', shift: 0, bits: 16, as: 16 }],
  },
  {
    line: 'DevCap2:',
    offset: 0x24,
    width: 4,
    flags: {
      TimeoutDis: 4,
      ARIFwd: 5,
      Routing: 6,
      '32bit': 7,
      '64bit': 8,
      '128bitCAS': 9,
      NROPrPrP: 10,
      LTR: 11,
      '10BitTagComp': 16,
      '10BitTagReq': 17,
      ExtFmt: 20,
      EETLPPrefix: 21,
    },
  },
  {
    line: 'DevCtl2:',
    offset: 0x28,
    width: 2,
    flags: { TimeoutDis: 4, ARIFwd: 5, ReqEn: 6, EgressBlck: 7, LTR: 10, '10BitTagReq': 12 },
  },
  {
    line: 'LnkCtl2:',
    offset: 0x30,
    width: 2,
    flags: { EnterCompliance: 4, SpeedDis: 5 },
    // 2.5 GT/s is printed of 0 and of 1.
    values: [{ after: 'Target Link Speed: ', shift: 0, bits: 4, as: ['', '', ...speeds.slice(2)] }],
  },
];

/** Device/port types by how lspci calls them; longer words stand before those that they begin with. */
const types: readonly (readonly [string, number])[] = [
  ['Endpoint', 0],
  ['Legacy Endpoint', 1],
  ['Root Port', 4],
  ['Upstream Port', 5],
  ['Downstream Port', 6],
  ['PCI-Express to PCI/PCI-X Bridge', 7],
  ['PCI/PCI-X to PCI-Express Bridge', 8],
  ['PCI/PCI-X Bridge', 7],
  ['Root Complex Integrated Endpoint', 9],
  ['Root Complex Event Collector', 10],
];

const heading = /^Express (?:\(v(\d)\) )?(.*)$/;

/** `Express (v2) Root Port (Slot+), MSI 00` and the lines below it. */
export function putExpress(
  space: DecodedSpace,
  base: number,
  text: TextLine,
  lines: readonly TextLine[],
): void {
  const match = heading.exec(text.text);
  const named = match?.[2] ?? '';
  const put = (shift: number, bits: number, value: number): void =>
    space.put(base + 2, 2, value * 2 ** shift, (2 ** bits - 1) * 2 ** shift, text.line);
  if (match?.[1] !== undefined) put(0, 4, Number(match[1]));
  else space.assume(base + 2, 1, 2, 0x0f);
  const type = types.find(([name]) => named.startsWith(name));
  if (type !== undefined) put(4, 4, type[1]);
  if (named.includes('(Slot')) put(8, 1, named.includes('(Slot+)') ? 1 : 0);
  const message =
    readValue(named, { after: ', MSI ', as: 16 }) ?? readValue(named, { after: ', IntMsgNum ', as: 10 });
  if (message !== undefined && message < 32) put(9, 5, message);
  // Bits 15:14 are an undefined one and a reserved one.
  putLines(space, base, expressRegisters, lines);
}

/** Each line that a register begins with. */
export function putLines(
  space: DecodedSpace,
  base: number,
  registers: readonly TextRegister[],
  lines: readonly TextLine[],
): void {
  for (const text of lines) {
    const register = registers.find(({ line }) => text.text.startsWith(line));
    if (register !== undefined) putRegister(space, base, register, text);
  }
}
