import { expect, it } from 'vitest';
import { ElfFile } from '../elf/elf-file.ts';
import { writeElf } from '../elf/testing/write-elf.ts';
import { KernelSymbols, virtualAddress } from './kernel-symbols.ts';
import { readSymbolTable } from './symbol-table.ts';

const text = `0000000000000000 A fixed_percpu_data
ffffffff81000000 T _text
ffffffff81002000 t probe
ffffffff81001000 t probe
ffffffff83086eb8 T setup_arch
ffffffffc0201000 t e1000_open	[e1000e]
`;

it('gives addresses as digits and as distances', () => {
  const symbols = KernelSymbols.fromText(text);
  expect(symbols.virtual('setup_arch')).toBe('ffffffff83086eb8');
  expect(symbols.offset('setup_arch')).toBe(0x3086eb8);
  expect(symbols.require('_text')).toBe(0x100_0000);
  expect(virtualAddress(0x3086eb8)).toBe('ffffffff83086eb8');
  expect(virtualAddress(0)).toBe('ffffffff80000000');
});

it('has neither symbols of modules nor what is no address of the kernel', () => {
  const symbols = KernelSymbols.fromText(text);
  expect(symbols.size).toBe(3);
  expect(symbols.offset('e1000_open')).toBeUndefined();
  expect(symbols.virtual('fixed_percpu_data')).toBeUndefined();
  expect(() => symbols.require('machine_kexec')).toThrow(expect.objectContaining({ code: 'LAB_SYMBOL' }));
});

it('keeps every place of a static name, the lowest first, whatever the order of the lines', () => {
  const symbols = KernelSymbols.fromText(text);
  expect(symbols.offsets('probe')).toEqual([0x100_1000, 0x100_2000]);
  expect(symbols.offset('probe')).toBe(0x100_1000);
  expect(symbols.offsets('nothing')).toEqual([]);
  expect(KernelSymbols.fromText(symbols.toText()).toText()).toBe(symbols.toText());
});

it('reads what the linker left in vmlinux', () => {
  const strings = Buffer.from('\0_text\0setup_arch\0absolute\0');
  const table = Buffer.alloc(24 * 4);
  [
    [1, 0x8100_0000, 0xffff_ffff],
    [7, 0x8308_6eb8, 0xffff_ffff],
    [18, 0x1000, 0],
  ].forEach(([name, low, high], index) => {
    table.writeUInt32LE(name!, 24 * (index + 1));
    table.writeUInt32LE(low!, 24 * (index + 1) + 8);
    table.writeUInt32LE(high!, 24 * (index + 1) + 12);
  });
  const sections = [
    { name: '.symtab', type: 2, link: 2, content: table },
    { name: '.strtab', type: 3, content: strings },
  ];
  const symbols = readSymbolTable(new ElfFile(writeElf([], sections)));
  expect(symbols?.virtual('setup_arch')).toBe('ffffffff83086eb8');
  expect(symbols?.size).toBe(2);
  expect(readSymbolTable(new ElfFile(writeElf([])))).toBeUndefined();
});
