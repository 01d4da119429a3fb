import { hexToBytes } from '../build/config-bytes.ts';
import { ConfigReader, capturedBars } from '../description/config-reader.ts';
import { type FunctionPlace, parseFunctionName } from '../description/function-name.ts';
import type { Machine, MachineFunction } from '../description/machine.ts';

/** The forms in which this prints a machine as lspci would. */
export const printedForms = [
  '-n',
  '-nn',
  '-nnv',
  '-nnvv',
  '-nnvvx',
  '-nnvvxxxx',
  '-tnn',
  '-mmnn',
  '-vmmnn',
] as const;
export type PrintedForm = (typeof printedForms)[number];

/** The text that lspci would print of a machine, as far as readers of it are to be tested. */
export function printAsLspci(machine: Machine, form: PrintedForm): string {
  if (form === '-tnn') return printTree(machine);
  const sorted = [...machine.functions].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${sorted.map((one) => printFunction(one, form)).join('\n')}\n`;
}

const h = (value: number, width: number): string => value.toString(16).padStart(width, '0');
const flag = (on: number | boolean): string => (on ? '+' : '-');

function printFunction({ name, config, barSizes }: MachineFunction, form: PrintedForm): string {
  const bytes = hexToBytes(config) as Uint8Array;
  const read = new ConfigReader(bytes);
  const [classCode, ids] = [h(read.classCode >>> 8, 4), `${h(read.u16(0), 4)}:${h(read.u16(2), 4)}`];
  const revision = read.u8(8) === 0 ? '' : ` (rev ${h(read.u8(8), 2)})`;
  const programming = h(read.u8(9), 2);
  if (form === '-mmnn') {
    const subsystem =
      read.headerType === 0
        ? ` "Maker [${h(read.u16(0x2c), 4)}]" "Board [${h(read.u16(0x2e), 4)}]"`
        : ' "" ""';
    const numbers = `"Class [${classCode}]" "Maker [${h(read.u16(0), 4)}]" "A \\"thing\\" [${h(read.u16(2), 4)}]"`;
    const rev = read.u8(8) === 0 ? '' : ` -r${h(read.u8(8), 2)}`;
    return `${name} ${numbers}${rev} -p${programming}${subsystem}`;
  }
  if (form === '-vmmnn') {
    return [
      `Slot:\t${name}`,
      `Class:\tClass [${classCode}]`,
      `Vendor:\tMaker [${h(read.u16(0), 4)}]`,
      `Device:\tThing [${h(read.u16(2), 4)}]`,
      ...(read.u8(8) === 0 ? [] : [`Rev:\t${h(read.u8(8), 2)}`]),
      `ProgIf:\t${programming}`,
      '',
    ].join('\n');
  }
  if (form === '-n') return `${name} ${classCode}: ${ids}${revision}`;
  const verbose = form === '-nn' ? '' : ` (prog-if ${programming})`;
  const heading = `${name} Some class [${classCode}]: Maker of [things] [${ids}]${revision}${verbose}`;
  if (form === '-nn') return heading;
  const lines = [
    heading,
    ...(form === '-nnv' ? flags(read) : registers(read)),
    ...regions(read, barSizes, form),
  ];
  if (read.isBridge) lines.push(...bridge(read));
  lines.push(...capabilities(read, form));
  if (form.endsWith('x')) lines.push(...rows(bytes, form === '-nnvvx' ? 64 : bytes.length));
  return `${lines.join('\n')}\n`;
}

function flags(read: ConfigReader): string[] {
  const master = (read.u8(4) & 4) !== 0;
  const speed = ['fast', 'medium', 'slow'][(read.u16(6) >> 9) & 3] ?? '??';
  const wait = (read.u8(4) & 0x80) !== 0 ? 'stepping, ' : '';
  const udf = (read.u8(6) & 0x40) !== 0 ? 'user-definable features, ' : '';
  const fast = (read.u8(6) & 0x20) !== 0 ? '66MHz, ' : '';
  const vga = (read.u8(4) & 0x20) !== 0 ? 'VGA palette snoop, ' : '';
  const latency = master ? `, latency ${read.u8(0x0d)}` : '';
  return [
    `\tFlags: ${master ? 'bus master, ' : ''}${vga}${wait}${fast}${udf}${speed} devsel${latency}, IRQ 16`,
  ];
}

function named(value: number, names: readonly (readonly [string, number])[]): string {
  return names.map(([name, bit]) => `${name}${flag((value >>> bit) & 1)}`).join(' ');
}

function registers(read: ConfigReader): string[] {
  const command = named(read.u16(4), [
    ['I/O', 0],
    ['Mem', 1],
    ['BusMaster', 2],
    ['SpecCycle', 3],
    ['MemWINV', 4],
    ['VGASnoop', 5],
    ['ParErr', 6],
    ['Stepping', 7],
    ['SERR', 8],
    ['FastB2B', 9],
    ['DisINTx', 10],
  ]);
  const status = named(read.u16(6), [
    ['Cap', 4],
    ['66MHz', 5],
    ['UDF', 6],
    ['FastB2B', 7],
    ['ParErr', 8],
  ]);
  const speed = ['fast', 'medium', 'slow', '?'][(read.u16(6) >> 9) & 3];
  const aborts = named(read.u16(6), [
    ['>TAbort', 11],
    ['<TAbort', 12],
    ['<MAbort', 13],
    ['>SERR', 14],
    ['<PERR', 15],
    ['INTx', 3],
  ]);
  const pin = read.u8(0x3d);
  return [
    `\tControl: ${command}`,
    `\tStatus: ${status} DEVSEL=${speed} ${aborts}`,
    ...(pin === 0 ? [] : [`\tInterrupt: pin ${'?ABCD'.charAt(pin)} routed to IRQ 16`]),
  ];
}

function regions(read: ConfigReader, sizes: readonly number[], form: PrintedForm): string[] {
  return capturedBars(read).map(({ index, kind, address }) => {
    const region = form === '-nnv' ? '' : `Region ${index}: `;
    const low = read.u32(0x10 + 4 * index);
    const units = sizes[index] ?? 0;
    const size = units % 1024 === 0 && units > 0 ? `${units / 1024}K` : String(units);
    const end = units === 0 ? '' : ` [size=${size}]`;
    if (kind === 'io')
      return `\t${region}I/O ports at ${address === 0 ? '<unassigned>' : h(address, 4)}${end}`;
    const width = kind === 'memory64' ? '64-bit' : '32-bit';
    const where = address === 0 ? '<unassigned>' : h(address, 8);
    return `\t${region}Memory at ${where} (${width}, ${(low & 8) === 0 ? 'non-' : ''}prefetchable)${end}`;
  });
}

function bridge(read: ConfigReader): string[] {
  const window = (name: string, base: number, limit: number, width: number): string =>
    `\t${name} behind bridge: ${h(base, width)}-${h(limit, width)}${base > limit ? ' [disabled]' : ''}`;
  const memory = (at: number): number => (read.u16(at) & 0xfff0) * 0x1_0000;
  const wide = (read.u16(0x24) & 15) === 1;
  const upper = (at: number): number => (wide ? read.u32(at) * 2 ** 32 : 0);
  const control = named(read.u16(0x3e), [
    ['Parity', 0],
    ['SERR', 1],
    ['NoISA', 2],
    ['VGA', 3],
    ['VGA16', 4],
    ['MAbort', 5],
    ['>Reset', 6],
    ['FastB2B', 7],
  ]);
  return [
    `\tBus: primary=${h(read.u8(0x18), 2)}, secondary=${h(read.u8(0x19), 2)}, subordinate=${h(read.u8(0x1a), 2)}, sec-latency=${read.u8(0x1b)}`,
    window('I/O', (read.u8(0x1c) & 0xf0) * 0x100, (read.u8(0x1d) & 0xf0) * 0x100 + 0xfff, 8),
    window('Memory', memory(0x20), memory(0x22) + 0xf_ffff, 8),
    window(
      'Prefetchable memory',
      upper(0x28) + memory(0x24),
      upper(0x2c) + memory(0x26) + 0xf_ffff,
      wide ? 16 : 8,
    ),
    `\tBridgeCtl: ${control}`,
  ];
}

const expressTypes: Readonly<Record<number, string>> = {
  0: 'Endpoint',
  1: 'Legacy Endpoint',
  4: 'Root Port (Slot+)',
  5: 'Upstream Port',
  6: 'Downstream Port (Slot+)',
  7: 'PCI-Express to PCI/PCI-X Bridge',
  9: 'Root Complex Integrated Endpoint',
};

function capabilities(read: ConfigReader, form: PrintedForm): string[] {
  const lines: string[] = [];
  for (
    let at = read.u8(6) & 0x10 ? read.u8(0x34) : 0, n = 0;
    at >= 0x40 && n < 48;
    at = read.u8(at + 1), n++
  ) {
    lines.push(...conventional(read, at, form));
  }
  for (let at = 0x100, n = 0; at >= 0x100 && n < 960; at = read.u32(at) >>> 20, n++) {
    if (read.bytes.length < 4096 || read.u32(at) === 0) break;
    const version = form === '-nnv' ? '' : ` v${(read.u32(at) >>> 16) & 15}`;
    const head = `\tCapabilities: [${h(at, 3)}${version}]`;
    const id = read.u16(at);
    if (id === 0x0f) {
      lines.push(`${head} Address Translation Service (ATS)`);
      if (form !== '-nnv')
        lines.push(
          `\t\tATSCtl:\tEnable${flag(read.u16(at + 6) & 0x8000)}, Smallest Translation Unit: ${h(read.u16(at + 6) & 31, 2)}`,
        );
    } else if (id === 1) lines.push(`${head} Advanced Error Reporting`);
    else lines.push(`${head} Extended Capability ID 0x${h(id, 2)}`);
  }
  return lines;
}

function conventional(read: ConfigReader, at: number, form: PrintedForm): string[] {
  const head = `\tCapabilities: [${h(at, 2)}]`;
  const id = read.u8(at);
  const control = read.u16(at + 2);
  if (id === 0x05) {
    const counts = `Count=${1 << ((control >> 4) & 7)}/${1 << ((control >> 1) & 7)}`;
    return [
      `${head} MSI: Enable${flag(control & 1)} ${counts} Maskable${flag(control & 0x100)} 64bit${flag(control & 0x80)}`,
    ];
  }
  if (id === 0x11) {
    const line = `${head} MSI-X: Enable${flag(control & 0x8000)} Count=${(control & 0x7ff) + 1} Masked${flag(control & 0x4000)}`;
    const table = (name: string, offset: number): string =>
      `\t\t${name}: BAR=${read.u8(offset) & 7} offset=${h((read.u32(offset) & ~7) >>> 0, 8)}`;
    return form === '-nnv' ? [line] : [line, table('Vector table', at + 4), table('PBA', at + 8)];
  }
  if (id === 0x10) {
    const version = form === '-nnv' ? '' : `(v${control & 15}) `;
    const name = (expressTypes[(control >> 4) & 15] ?? 'Unknown type').replace(
      '+)',
      control & 0x100 ? '+)' : '-)',
    );
    const capability = read.u32(at + 4);
    return [
      `${head} Express ${version}${name}, MSI ${h((control >> 9) & 31, 2)}`,
      ...(form === '-nnv'
        ? []
        : [
            `\t\tDevCap:\tMaxPayload ${128 << (capability & 7)} bytes, PhantFunc 0`,
            `\t\t\tExtTag${flag(capability & 32)} FLReset${flag((capability >>> 28) & 1)}`,
          ]),
    ];
  }
  if (id === 0x01) return [`${head} Power Management version ${control & 7}`];
  return [`${head} Capability ID 0x${h(id, 2)}`];
}

function rows(bytes: Uint8Array, size: number): string[] {
  return Array.from({ length: Math.min(size, bytes.length) / 16 }, (_, row) => {
    const part = [...bytes.subarray(16 * row, 16 * row + 16)].map((byte) => h(byte, 2)).join(' ');
    return `${h(16 * row, 2)}: ${part}`;
  });
}

/** The tree, with each bus below the bridge that leads to it. */
function printTree({ functions }: Machine): string {
  const places = functions.map((one) => ({ ...(parseFunctionName(one.name) as FunctionPlace), one }));
  const read = (one: MachineFunction): ConfigReader => new ConfigReader(hexToBytes(one.config) as Uint8Array);
  const below = (segment: number, bus: number): string[] => {
    const here = places
      .filter((place) => place.segment === segment && place.bus === bus)
      .sort((a, b) => a.device * 8 + a.fn - b.device * 8 - b.fn);
    return here.flatMap(({ device, fn, one }, index) => {
      const config = read(one);
      const slot = `${index === here.length - 1 ? '\\' : '+'}-${h(device, 2)}.${fn}`;
      const [secondary, last] = [config.u8(0x19), config.u8(0x1a)];
      if (!config.isBridge || secondary === 0) {
        return [`${slot}  Maker Thing [${h(config.u16(0), 4)}:${h(config.u16(2), 4)}]`];
      }
      const range = secondary === last ? h(secondary, 2) : `${h(secondary, 2)}-${h(last, 2)}`;
      const head = `${slot}-[${range}]--`;
      const children = below(segment, secondary);
      const side = `${index === here.length - 1 ? ' ' : '|'}${' '.repeat(head.length - 1)}`;
      return children.length === 0
        ? [head]
        : children.map((child, n) =>
            n === 0 ? `${head}${children.length > 1 ? '+' : '-'}${child.slice(1)}` : `${side}${child}`,
          );
    });
  };
  const led = new Set(
    places.flatMap(({ segment, one }) => (read(one).isBridge ? [`${segment}:${read(one).u8(0x19)}`] : [])),
  );
  const roots = [...new Set(places.map(({ segment, bus }) => `${segment}:${bus}`))].filter(
    (key) => !led.has(key),
  );
  const lines = roots.flatMap((key, index) => {
    const [segment, bus] = key.split(':').map(Number) as [number, number];
    const head = `-[${h(segment, 4)}:${h(bus, 2)}]-`;
    const first = index === 0 ? (roots.length > 1 ? '-+' : '-') : index === roots.length - 1 ? ' \\' : ' +';
    const side = `${roots.length > 1 && index < roots.length - 1 ? ' |' : ' '.repeat(first.length)}${' '.repeat(head.length)}`;
    const children = below(segment, bus);
    return children.map((child, n) =>
      n === 0 ? `${first}${head}${children.length > 1 ? '+' : '-'}${child.slice(1)}` : `${side}${child}`,
    );
  });
  return `${lines.join('\n')}\n`;
}
