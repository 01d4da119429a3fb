import { hexToBytes, type Machine } from '@quiesce/machine';

/** The functions of a machine as `lspci -Dnn -xxxx` prints them. */
export function printedLspci(machine: Machine): string {
  return machine.functions
    .map(({ name, config, label }) => {
      const bytes = hexToBytes(config) as Uint8Array;
      const word = (at: number): string => hex((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8), 4);
      const heading = `${name} ${label ?? 'Device'} [${word(0x0a)}]: [${word(0)}:${word(2)}]`;
      return `${heading}\n${rows(bytes, (offset) => `${hex(offset, 2)}:`).join('\n')}\n`;
    })
    .join('\n');
}

/** A memory map as `/proc/iomem` shows it. */
export function printedIomem(machine: Machine): string {
  return machine.memoryMap
    .map(({ start, end, label }) => `${hex(start, 8)}-${hex(end - 1, 8)} : ${label}\n`)
    .join('');
}

/** Tables as the text of `acpidump`. */
export function printedAcpi(tables: readonly (readonly [signature: string, bytes: Uint8Array])[]): string {
  return tables
    .map(([signature, bytes]) => {
      const text = rows(bytes, (offset) => `  ${hex(offset, 4).toUpperCase()}:`);
      return `${signature} @ 0x000000007ffd0000\n${text.join('\n')}\n`;
    })
    .join('\n');
}

/** The DMAR table of a machine. */
export function tableOf(machine: Machine): Uint8Array {
  return hexToBytes(machine.dmar ?? '') as Uint8Array;
}

function rows(bytes: Uint8Array, label: (offset: number) => string): string[] {
  const text: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const pairs = [...bytes.subarray(offset, offset + 16)].map((byte) => hex(byte, 2));
    text.push(`${label(offset)} ${pairs.join(' ')}`);
  }
  return text;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
