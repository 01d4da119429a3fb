/** A function as the guest's own lspci shows it. */
export interface ReportedFunction {
  /** `0000:01:00.0` */
  readonly name: string;
  /** Device ID above vendor ID, as config space's first dword has them. */
  readonly id: number;
  /** 24 bits. */
  readonly classCode: number;
  /** Memory address of BAR 0; 0 if it has none. */
  readonly bar0: number;
}

const NAME = /^(?:([0-9a-f]{4}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) /m;

/** Reads what the lab needs to know from `lspci -x` or more. */
export function reportedFunctions(lspci: string): ReportedFunction[] {
  return lspci
    .split(/\n\s*\n/)
    .map((block) => {
      const name = NAME.exec(block);
      if (name === null) return undefined;
      const bytes = [...block.matchAll(/^[0-9a-f]{2,3}: ((?:[0-9a-f]{2} ?)+)$/gm)].flatMap(([, row]) =>
        (row as string)
          .trim()
          .split(' ')
          .map((digits) => Number.parseInt(digits, 16)),
      );
      const dword = (at: number): number =>
        (bytes[at] ?? 0) +
        (bytes[at + 1] ?? 0) * 0x100 +
        (bytes[at + 2] ?? 0) * 0x1_0000 +
        (bytes[at + 3] ?? 0) * 0x100_0000;
      const bar = dword(0x10);
      // Bit 0: I/O space; bits 2:1 = 2: 64 bits wide.
      const memory = bar % 2 === 0 ? bar - (bar % 16) : 0;
      const upper = (bar & 6) === 4 ? dword(0x14) * 0x1_0000_0000 : 0;
      return {
        name: `${name[1] ?? '0000'}:${name[2]}`,
        id: dword(0),
        classCode: dword(8) >>> 8,
        bar0: memory === 0 ? 0 : memory + upper,
      };
    })
    .filter((one) => one !== undefined);
}
