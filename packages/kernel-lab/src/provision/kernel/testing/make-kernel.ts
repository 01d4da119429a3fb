import { gzipSync } from 'node:zlib';
import { writeElf } from '../../elf/testing/write-elf.ts';

/** How a kernel's build has written its symbols: each was changed at one time or another. */
export interface KallsymsStyle {
  /** Offsets before the names (until 6.3) or behind the token index. */
  readonly offsets: 'first' | 'last';
  /** kallsyms_seqs_of_names between markers and tokens (6.2 and 6.3). */
  readonly sequences: boolean;
  readonly encoding: 'negative-from-base' | 'positive-from-base' | 'relative-to-place';
}

const TEXT_LOW = 0x8100_0000;
const MAP_LOW = 0x8000_0000;

/** Symbols in a kernel's own tables, written as scripts/kallsyms.c does. @param symbols - distance from the kernel's map */
export function kallsymsTables(
  symbols: readonly (readonly [name: string, offset: number])[],
  style: KallsymsStyle,
  virtualLow: number,
): Buffer {
  const tokens = Array.from({ length: 256 }, (_, code) =>
    code === 1 ? 'init' : code < 33 ? `<${code}>` : '',
  );
  for (let code = 33; code < 127; code++) tokens[code] = String.fromCharCode(code);
  for (let code = 127; code < 256; code++) tokens[code] = `_${code}`;
  const markers: number[] = [];
  const names: number[] = [];
  symbols.forEach(([name], index) => {
    if (index % 256 === 0) markers.push(names.length);
    const codes = [...`t${name}`.replaceAll('init', '\x01')].map((letter) => letter.charCodeAt(0));
    if (codes.length < 0x80) names.push(codes.length);
    else names.push((codes.length & 0x7f) | 0x80, codes.length >> 7);
    names.push(...codes);
  });
  const starts: number[] = [];
  let length = 0;
  for (const token of tokens) {
    starts.push(length);
    length += token.length + 1;
  }
  const count = aligned(Buffer.from(new Uint32Array([symbols.length]).buffer));
  const core = [
    aligned(Buffer.from(names)),
    aligned(Buffer.from(new Uint32Array(markers).buffer)),
    style.sequences ? aligned(Buffer.alloc(symbols.length * 3, 0xff)) : Buffer.alloc(0),
    aligned(Buffer.from(tokens.map((token) => `${token}\0`).join(''), 'latin1')),
    aligned(Buffer.from(new Uint16Array(starts).buffer)),
  ];
  const base = Buffer.alloc(style.encoding === 'relative-to-place' ? 0 : 8);
  if (base.length > 0) base.writeBigUInt64LE(0xffff_ffff_0000_0000n + BigInt(TEXT_LOW));
  const before = 64;
  const offsetsAt = style.offsets === 'first' ? before : before + Buffer.concat([count, ...core]).length;
  const offsets = Buffer.alloc(4 * symbols.length);
  symbols.forEach(([, offset], index) => {
    const absolute = offset + MAP_LOW - TEXT_LOW;
    if (style.encoding === 'negative-from-base') offsets.writeInt32LE(-1 - absolute, 4 * index);
    else if (style.encoding === 'positive-from-base') offsets.writeUInt32LE(absolute, 4 * index);
    else offsets.writeInt32LE(offset + MAP_LOW - (virtualLow + offsetsAt + 4 * index), 4 * index);
  });
  const addresses = [aligned(offsets), base];
  const order = style.offsets === 'first' ? [...addresses, count, ...core] : [count, ...core, ...addresses];
  return Buffer.concat([Buffer.alloc(before, 0x90), ...order, Buffer.alloc(64, 0x90)]);
}

/** An ELF file with a segment of text at 0xffffffff81000000 and one with the tables of its symbols. */
export function makeVmlinux(
  symbols: readonly (readonly [name: string, offset: number])[],
  style: KallsymsStyle,
  text: Buffer = Buffer.from('Linux version 6.1.0-test (somebody@somewhere) #1\n'),
): Buffer {
  const dataLow = 0x8200_0000;
  return writeElf([
    { type: 1, virtualLow: TEXT_LOW, virtualHigh: 0xffff_ffff, content: text },
    {
      type: 1,
      virtualLow: dataLow,
      virtualHigh: 0xffff_ffff,
      content: kallsymsTables(symbols, style, dataLow),
    },
  ]);
}

/** A bzImage of boot protocol 2.15 around a kernel packed by gzip. */
export function makeBzImage(vmlinux: Buffer, release: string): Buffer {
  const payload = gzipSync(vmlinux);
  const setup = Buffer.alloc(3 * 512);
  setup[0x1f1] = 2;
  setup.write('HdrS', 0x202, 'latin1');
  setup.writeUInt16LE(0x020f, 0x206);
  setup.writeUInt16LE(0x300, 0x20e);
  setup.writeUInt32LE(0x40, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  setup.write(`${release} (somebody@somewhere) #1 SMP\0`, 0x500, 'latin1');
  return Buffer.concat([setup, Buffer.alloc(0x40, 0xcc), payload, Buffer.alloc(100, 0xcc)]);
}

function aligned(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
}
