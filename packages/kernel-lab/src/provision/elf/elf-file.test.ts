import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ElfFile, isElf, stringAt } from './elf-file.ts';
import { interpreter, neededLibraries } from './shared-libraries.ts';
import { writeElf } from './testing/write-elf.ts';

/** A program that is loaded at 0x400000, with a dynamic section that asks for these libraries. */
function program(libraries: readonly string[]): Buffer {
  const strings = Buffer.from(`\0${libraries.map((name) => `${name}\0`).join('')}`, 'latin1');
  const rows: [number, number][] = libraries.map((name) => [1, strings.indexOf(`\0${name}\0`) + 1]);
  const dynamic = Buffer.alloc(16 * (rows.length + 3));
  [[14, 0], ...rows, [5, 0x40_0000], [0, 0]].forEach(([tag, value], index) => {
    dynamic.writeUInt32LE(tag!, 16 * index);
    dynamic.writeUInt32LE(value!, 16 * index + 8);
  });
  return writeElf([
    { type: 1, virtualLow: 0x40_0000, content: strings },
    { type: 2, content: dynamic },
    { type: 3, content: Buffer.from('/lib64/ld-linux-x86-64.so.2\0') },
  ]);
}

it('reads which libraries a program asks for, and what loads them', () => {
  const elf = new ElfFile(program(['libpci.so.3', 'libc.so.6']));
  expect(neededLibraries(elf)).toEqual(['libpci.so.3', 'libc.so.6']);
  expect(interpreter(elf)).toBe('/lib64/ld-linux-x86-64.so.2');
});

it('finds none in a static program', () => {
  const elf = new ElfFile(writeElf([{ type: 1, content: Buffer.alloc(16) }]));
  expect(neededLibraries(elf)).toEqual([]);
  expect(interpreter(elf)).toBeUndefined();
});

it('reads sections by name, and where an address stands', () => {
  const bytes = writeElf(
    [{ type: 1, virtualLow: 0x8100_0000, virtualHigh: 0xffff_ffff, content: Buffer.from('text') }],
    [
      { name: '.modinfo', content: Buffer.from('depends=snd\0') },
      { name: '.data', content: Buffer.from('data') },
    ],
  );
  const elf = new ElfFile(bytes);
  expect(elf.section('.modinfo')?.toString('latin1')).toBe('depends=snd\0');
  expect(elf.section('.bss')).toBeUndefined();
  const at = elf.offsetOf(0x8100_0001, 0xffff_ffff)!;
  expect(bytes.toString('latin1', at, at + 3)).toBe('ext');
  expect(elf.offsetOf(0x8100_0004, 0xffff_ffff)).toBeUndefined();
  expect(elf.offsetOf(0x8100_0001, 0)).toBeUndefined();
});

it('refuses what is none, or is cut off', () => {
  expect(() => new ElfFile(Buffer.from('MZ'))).toThrow(expect.objectContaining({ code: 'LAB_ELF' }));
  const whole = writeElf([], [{ name: '.text', content: Buffer.alloc(10) }]);
  expect(() => new ElfFile(whole.subarray(0, whole.length - 64))).toThrow(/cut off/);
});

it('reads the program that runs this test', () => {
  const bytes = readFileSync(process.execPath);
  if (!isElf(bytes)) return;
  const elf = new ElfFile(bytes);
  expect(neededLibraries(elf).every((name) => /\.so/.test(name))).toBe(true);
});

it('ends a string where the file ends', () => {
  expect(stringAt(Buffer.from('abc'), 1)).toBe('bc');
});
