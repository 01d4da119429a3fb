import { RegisterFile } from '@quiesce/simulation';
import { controlRegisters } from './control-registers.ts';
import { identificationRegisters } from './identification-registers.ts';
import { queueRegisters } from './queue-registers.ts';
import { streamTableRegisters } from './stream-table-registers.ts';

/** Bytes from the register base of each register that code names. */
export const registerOffset = {
  IDR0: 0x00,
  IDR1: 0x04,
  IDR5: 0x14,
  AIDR: 0x1c,
  CR0: 0x20,
  CR0ACK: 0x24,
  CR1: 0x28,
  CR2: 0x2c,
  GBPA: 0x44,
  IRQ_CTRL: 0x50,
  IRQ_CTRLACK: 0x54,
  GERROR: 0x60,
  GERRORN: 0x64,
  STRTAB_BASE: 0x80,
  STRTAB_BASE_CFG: 0x88,
  CMDQ_BASE: 0x90,
  CMDQ_PROD: 0x98,
  CMDQ_CONS: 0x9c,
  EVENTQ_BASE: 0xa0,
  EVENTQ_PROD: 0xa8,
  EVENTQ_CONS: 0xac,
} as const;

/** Bytes that a unit takes in the address space: two pages of 64 KiB. */
export const REGISTER_SPACE = 0x2_0000;

/** What an implementation identifies itself as. */
export interface Identification {
  readonly idr0: number;
  readonly idr1: number;
  readonly idr5: number;
  /** AIDR, e.g. 0x01 for SMMUv3.1. */
  readonly version: number;
}

/** Lays out the registers of a unit; whatever else is in its space reads as 0. */
export function registerBlock(identification: Identification): RegisterFile {
  const file = new RegisterFile(0x1000);
  file.place(identificationRegisters);
  file.place(controlRegisters);
  file.place(streamTableRegisters);
  file.place(queueRegisters);
  fix32(file, registerOffset.IDR0, identification.idr0);
  fix32(file, registerOffset.IDR1, identification.idr1);
  fix32(file, registerOffset.IDR5, identification.idr5);
  fix32(file, registerOffset.AIDR, identification.version);
  return file;
}

function fix32(file: RegisterFile, offset: number, value: number): void {
  file.poke32(offset, value);
  for (let i = 0; i < 4; i++) file.setResetValue(offset + i, (value >>> (8 * i)) & 0xff);
}
