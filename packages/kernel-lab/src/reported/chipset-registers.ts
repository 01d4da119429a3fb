/** A register of a chipset function that firmware and kernels write, and that no capability declares. */
export interface ChipsetRegister {
  /** `8086:2918` */
  readonly id: string;
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  readonly name: string;
}

/** Registers of Q35 and ICH9 that software writes while a machine comes up; source: Intel 82801I datasheet, 13.1 and 16.1. */
export const chipsetRegisters: readonly ChipsetRegister[] = [
  { id: '8086:2918', offset: 0x60, length: 4, name: 'PIRQA-D_ROUT' },
  { id: '8086:2918', offset: 0x68, length: 4, name: 'PIRQE-H_ROUT' },
  { id: '8086:2918', offset: 0x80, length: 4, name: 'LPC_I/O_DEC, LPC_EN' },
  { id: '8086:2934', offset: 0xc0, length: 4, name: 'USB_LEGKEY' },
];

/**
 * A capability through which software looks at other registers: what it shows depends on what was selected last. The Standard
 * Hot-Plug Controller's, behind the capability header (SHPC 1.0, 4.2).
 */
export const selectingCapabilities: readonly {
  readonly id: number;
  readonly offset: number;
  readonly length: number;
}[] = [{ id: 0x0c, offset: 2, length: 6 }];
