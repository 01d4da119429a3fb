import { type ElfFile, stringAt } from '../elf/elf-file.ts';
import { addSymbol, KernelSymbols, kernelMap } from './kernel-symbols.ts';

const SYMBOL_SIZE = 24;
/** SHT_SYMTAB. */
const SYMBOL_TABLE = 2;

/** Symbols of a vmlinux as the linker wrote it; undefined if they were stripped, as in every bzImage. */
export function readSymbolTable({ bytes, sections }: ElfFile): KernelSymbols | undefined {
  const table = sections.find(({ type }) => type === SYMBOL_TABLE);
  const strings = table && sections[table.link];
  if (table === undefined || strings === undefined) return undefined;
  const symbols = new Map<string, number[]>();
  for (let at = table.offset; at + SYMBOL_SIZE <= table.offset + table.size; at += SYMBOL_SIZE) {
    const isKernels = bytes.readUInt32LE(at + 12) === kernelMap.high;
    const name = stringAt(bytes, strings.offset + bytes.readUInt32LE(at));
    if (isKernels && name !== '') addSymbol(symbols, name, bytes.readUInt32LE(at + 8) - kernelMap.low);
  }
  return symbols.size === 0 ? undefined : new KernelSymbols(symbols);
}
