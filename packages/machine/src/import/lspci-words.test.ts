import { describe, expect, it } from 'vitest';
import { ConfigReader } from '../description/config-reader.ts';
import { type LspciDump, type LspciFunction, parseLspci } from './lspci.ts';

const file = 'lspci.txt';
const parse = (...lines: string[]): LspciDump => parseLspci(`${lines.join('\n')}\n`, { file });
const only = (...lines: string[]): LspciFunction => parse(...lines).functions[0] as LspciFunction;
const config = (...lines: string[]): ConfigReader => new ConfigReader(only(...lines).bytes);
const sata = '00:1f.2 SATA controller [0106]: Intel Corporation Device [8086:2922] (rev 02)';
const port = '00:1c.0 PCI bridge [0604]: Intel Corporation Port [8086:8d10] (rev d5)';

describe('headings', () => {
  it.each([
    ['-n', '00:1f.2 0106: 8086:2922 (rev 02)', [0x8086, 0x2922, 0x0106, 0x02]],
    ['-n of old versions', '00:1f.2 Class 0106: 8086:2922 (rev 02)', [0x8086, 0x2922, 0x0106, 0x02]],
    ['-nn', sata, [0x8086, 0x2922, 0x0106, 0x02]],
    ['names', '00:1f.2 SATA controller: Intel Corporation Device 2922', [0x8086, 0x2922, 0x0106, 0x00]],
    ['a maker unknown here', '00:1f.2 USB Controller: ACME Device 0001', [0x0001, 0x0001, 0x0c03, 0x00]],
    ['a class in brackets', '0001:00:1f.2 Serial bus controller [0c80]: ACME Foo', [0x0001, 0, 0x0c80, 0x00]],
    [
      'a product with brackets',
      '00:1f.2 Bridge [0680]: A [B:C] D [x] [1234:5678]',
      [0x1234, 0x5678, 0x0680, 0],
    ],
  ])('are read as %s prints them', (_, line, [vendor, device, classCode, revision]) => {
    const read = config(line);
    expect([read.u16(0), read.u16(2), read.classCode >>> 8, read.u8(8)]).toEqual([
      vendor,
      device,
      classCode,
      revision,
    ]);
  });

  it('say of what kind a USB controller is where its class does not', () => {
    const usb = (words: string): number => config(`00:1d.0 USB controller [0c03]: ${words} [8086:1]`).u8(9);
    expect([usb('82801 USB UHCI'), usb('USB2 EHCI'), usb('USB 3.0 xHCI'), usb('A thing')]).toEqual([
      0, 0x20, 0x30, 0x30,
    ]);
  });

  it('of function 0 get the bit that there are others beside it', () => {
    const { functions } = parse(
      '02:00.0 0300: 10de:1e07',
      '02:00.1 0403: 10de:10f7',
      '03:00.0 0200: 8086:1533',
    );
    expect(functions.map((one) => one.bytes[0x0e])).toEqual([0x80, 0, 0]);
  });

  it('that a mail wrapped are put together', () => {
    const { functions, notes } = parse(
      '00:1f.2 SATA controller [0106]: Intel Corporation Device',
      '[8086:2922] (rev 02)',
    );
    expect(new ConfigReader((functions[0] as LspciFunction).bytes).u32(0)).toBe(0x2922_8086);
    expect(notes.map((one) => one.line)).toEqual([2]);
  });

  it('of powered-off functions mean that all of it reads ff', () => {
    const off = parse(
      '01:00.0 VGA compatible controller [0300]: NVIDIA GPU [10de:1e07] (rev ff) (prog-if ff)',
      '\t!!! Unknown header type 7f',
    );
    expect(new ConfigReader((off.functions[0] as LspciFunction).bytes).isAbsent).toBe(true);
  });

  it('of one function that differ are reported, and the first is used', () => {
    const { functions, notes } = parse(sata, '', sata.replace('2922', '2829'));
    expect(new ConfigReader((functions[0] as LspciFunction).bytes).u16(2)).toBe(0x2922);
    expect(notes).toEqual([
      { file, line: 3, message: '0000:00:1f.2 is of device 2829 here, of 2922 before; the first is used' },
    ]);
  });

  it('of an assembly of calls need no note, and the fullest text counts', () => {
    const { functions, notes } = parse(
      '$ lspci -nn',
      sata,
      '# lspci -nnv',
      sata,
      '\tFlags: bus master, fast devsel, latency 64',
    );
    expect(notes).toEqual([]);
    expect([functions[0]?.bytes[4], functions[0]?.bytes[13]]).toEqual([4, 64]);
  });
});

describe('what stands below a heading', () => {
  const verbose = [
    port,
    '\tControl: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR+ FastB2B- DisINTx+',
    '\tStatus: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort+ >SERR- <PERR- INTx-',
    '\tInterrupt: pin B routed to IRQ 24',
    '\tBus: primary=00, secondary=05, subordinate=3f, sec-latency=0',
    '\tI/O behind bridge: f000-0fff [disabled] [16-bit]',
    '\tMemory behind bridge: 92000000-920fffff [size=1M] [32-bit]',
    '\tPrefetchable memory behind bridge: 7040000000-706fffffff [size=768M] [32-bit]',
    '\tBridgeCtl: Parity- SERR+ NoISA- VGA- VGA16+ MAbort- >Reset- FastB2B-',
    '\t\tPriDiscTmr- SecDiscTmr- DiscTmrStat- DiscTmrSERREn+',
    '\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 03',
    '\t\tDevCap:\tMaxPayload 256 bytes, PhantFunc 0',
    '\t\t\tExtTag- RBE+',
    '\t\tSltSta:\tStatus: AttnBtn- PowerFlt- MRL- CmdCplt- PresDet+ Interlock-',
    '\t\t\tChanged: MRL+ PresDet- LinkState+',
    '\tCapabilities: [80] MSI: Enable+ Count=2/4 Maskable- 64bit-',
    '\t\tAddress: fee00218  Data: 4021',
    '\tCapabilities: [100 v2] Advanced Error Reporting',
    '\t\tUESta:\tDLP- SDES- TLP- FCP- CmpltTO+ CmpltAbrt- UnxCmplt- RxOF- MalfTLP- ECRC- UnsupReq- ACSViol-',
    '\tCapabilities: [220 v1] Access Control Services',
    '\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-',
    '\tKernel driver in use: pcieport',
  ];

  function expectPort(dump: LspciDump): void {
    const one = dump.functions[0] as LspciFunction;
    const read = new ConfigReader(one.bytes);
    expect([read.u16(4), read.u16(6), read.u8(0x3d)]).toEqual([0x0507, 0x2010, 2]);
    expect([read.u32(0x18), read.u16(0x1c), read.u32(0x20)]).toEqual([0x003f_0500, 0x00f0, 0x9200_9200]);
    expect([read.u32(0x24), read.u32(0x28), read.u32(0x2c)]).toEqual([0x6ff1_4001, 0x70, 0x70]);
    expect([read.u16(0x3e), read.expressType, read.u16(0x42)]).toEqual([0x0812, 4, 0x0742]);
    expect([read.u32(0x44), read.u16(0x5a)]).toEqual([0x8001, 0x0144]);
    expect([read.u16(0x82), read.u32(0x84), read.u16(0x88)]).toEqual([0x0015, 0xfee0_0218, 0x4021]);
    expect([read.u32(0x100), read.u32(0x104), read.u16(0x226)]).toEqual([0x2202_0001, 0x4000, 0x1d]);
    expect(one.kernelDriver).toBe('pcieport');
  }

  it('is put at its place', () => {
    const dump = parse(...verbose);
    expectPort(dump);
    expect(dump.notes).toEqual([]);
  });

  it('may have blanks for tabs, marks of quotation, or no indentation at all', () => {
    expectPort(parse(...verbose.map((line) => line.replaceAll('\t', '        '))));
    expectPort(parse(...verbose.map((line) => `  ${line.replaceAll('\t', '    ')}`)));
    expectPort(parse(...verbose.map((line) => `> ${line}`)));
  });

  it('without indentation is read as far as its words tell where they belong', () => {
    const one = parse(...verbose.map((line) => line.trimStart())).functions[0] as LspciFunction;
    const read = new ConfigReader(one.bytes);
    expect([read.u16(4), read.u32(0x18), read.expressType, read.u16(0x226)]).toEqual([
      0x0507, 0x003f_0500, 4, 0x1d,
    ]);
  });

  it('may be wrapped by a mail program', () => {
    const wrapped = verbose.flatMap((line) => {
      const at = line.lastIndexOf(' ', 72);
      return line.startsWith('\tC') && line.length > 76 ? [line.slice(0, at), line.slice(at + 1)] : [line];
    });
    const dump = parse(...wrapped);
    expectPort(dump);
    expect(dump.notes.length).toBe(wrapped.length - verbose.length);
  });

  it('lists what it says, what was assumed, and what nobody knows', () => {
    const one = only(
      sata,
      '\tFlags: fast devsel, IRQ 19',
      '\tMemory at f7d36000 (32-bit, non-prefetchable) [size=2K]',
    );
    const from = (at: number): string | undefined =>
      one.missing.some(({ start, end }) => start <= at && at < end)
        ? 'missing'
        : one.decoded?.find(({ start, end }) => start <= at && at < end)?.from;
    expect([0x00, 0x04, 0x0a, 0x24, 0x2c, 0x3c].map(from)).toEqual([
      'text',
      'text',
      'text',
      'assumed',
      'missing',
      'missing',
    ]);
    expect(one.decoded?.find(({ start }) => start === 4)).toEqual({
      start: 4,
      end: 5,
      from: 'text',
      bits: 0xa6,
      line: 2,
    });
    expect(one.decoded?.at(0)).toEqual({ start: 0, end: 4, from: 'text', line: 1 });
  });

  it('has the one region of an AHCI controller at BAR 5, and counts others off', () => {
    expect(config(sata, '\tMemory at f7d36000 (32-bit, non-prefetchable) [size=2K]').u32(0x24)).toBe(
      0xf7d3_6000,
    );
    const graphics = only(
      '02:00.0 0300: 10de:1e07',
      '\tMemory at d3000000 (32-bit, non-prefetchable) [size=16M]',
      '\tMemory at 383fe0000000 (64-bit, prefetchable) [size=256M]',
      '\tI/O ports at 6000 [size=128]',
    );
    const read = new ConfigReader(graphics.bytes);
    expect([0x10, 0x14, 0x18, 0x1c].map((at) => read.u32(at))).toEqual([
      0xd300_0000, 0xe000_000c, 0x383f, 0x6001,
    ]);
    expect(graphics.regionSizes.slice(0, 4)).toEqual([2 ** 24, 2 ** 28, undefined, 128]);
  });

  it('says what only root may read once, with the number of functions', () => {
    const denied = '\tCapabilities: <access denied>';
    const { notes } = parse(sata, denied, port, denied);
    expect(notes.map((one) => one.message)).toEqual([
      'capabilities of 2 functions were denied to the user who ran lspci: only root may read them',
    ]);
    expect(notes[0]?.line).toBe(2);
  });

  it('lets bridges pass requests on where nothing says otherwise', () => {
    expect(config('00:1c.0 0604: 8086:2940').u16(4)).toBe(7);
    expect(config(port, '\tControl: I/O- Mem- BusMaster- SpecCycle-').u16(4)).toBe(0);
    expect(config(port, '\tFlags: fast devsel').u16(4)).toBe(3);
    expect(config(sata).u16(4)).toBe(0);
  });

  it('fills what a dump of 64 bytes lacks', () => {
    const row = (at: string): string => `${at}0: ${new Array(16).fill('11').join(' ')}`;
    const one = only(...verbose, row('0'), row('1'), row('2'), row('3'));
    expect(one.bytes.slice(0, 0x40)).toEqual(new Uint8Array(0x40).fill(0x11));
    expect(new ConfigReader(one.bytes).u16(0x42)).toBe(0x0742);
    expect(one.decoded?.every(({ start }) => start >= 0x40)).toBe(true);
  });

  it('passes over capabilities that cannot be, with their line', () => {
    const { notes } = parse(
      sata,
      '\tCapabilities: [41] Power Management version 3',
      '\tCapabilities: [50] Power Management version 3',
      '\tCapabilities: [50] MSI: Enable- Count=1/1 Maskable- 64bit-',
      '\tCapabilities: [60] Something of the year 2040',
    );
    expect(notes.map((one) => one.line)).toEqual([2, 4, 5]);
  });

  it('may be of a version of long ago', () => {
    const read = config(
      sata,
      '\tCapabilities: [50] Message Signalled Interrupts: Mask- 64bit+ Queue=0/3 Enable+',
      '\t\tAddress: 00000000fee0300c  Data: 4159',
      '\tCapabilities: [70] MSI-X: Enable- Mask+ TabSize=5',
      '\t\tVector table: BAR=3 offset=00000000',
      '\t\tPBA: BAR=3 offset=00002000',
      '\tCapabilities: [e0] Express Endpoint IRQ 0',
      '\t\tDevice: Supported: MaxPayload 256 bytes, PhantFunc 0, ExtTag-',
    );
    expect([read.u16(0x52), read.u16(0x5c)]).toEqual([0x0087, 0x4159]);
    expect([read.u16(0x72), read.u32(0x74), read.u32(0x78)]).toEqual([0x4004, 3, 0x2003]);
    expect([read.capability(0x10), read.expressType]).toEqual([0xe0, 0]);
  });

  it('may be of -k alone, which says nothing of registers', () => {
    const usb = '00:1d.0 USB controller [0c03]: A UHCI thing [8086:2934]';
    const one = only(
      '00:14.0 USB controller [0c03]: A thing [8086:8d31]',
      '\tSubsystem: Maker Board [1043:8534]',
      '\tKernel driver in use: xhci_hcd',
    );
    expect([one.bytes[9], one.kernelDriver, one.verbose]).toEqual([0x30, 'xhci_hcd', true]);
    expect(new ConfigReader(one.bytes).u32(0x2c)).toBe(0x8534_1043);
    // With -v an interface that is zero is not printed.
    expect(config(usb, '\tFlags: fast devsel').u8(9)).toBe(0);
  });

  it('may have the bridges on the way before the function, as -PP prints them', () => {
    const { functions } = parse(
      '00:1c.0/01:00.0/02:00.0 0200: 8086:1533',
      '0000:00:1c.0/01:00.1 0200: 8086:1533',
    );
    expect(functions.map((one) => one.name)).toEqual(['0000:02:00.0', '0000:01:00.1']);
  });

  it('ends where the next call of lspci begins', () => {
    const { functions } = parse(sata, '/usr/bin/lspci -t', '\tControl: I/O+ Mem+ BusMaster+');
    expect(functions[0]?.bytes[4]).toBe(0);
  });

  it('is bounded: more lines than lspci has are passed over', () => {
    const { notes } = parse(sata, ...new Array<string>(3000).fill('\tFoo: bar'));
    expect(notes.length).toBeLessThan(600);
    expect(notes[0]?.message).toMatch('more text than lspci prints');
  });
});
