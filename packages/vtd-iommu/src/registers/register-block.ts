import { RegisterFile } from '@quiesce/simulation';
import type { Capability, WideValue } from './capability.ts';
import { coreRegisters } from './core-registers.ts';
import { faultRecordRegisters } from './fault-record-registers.ts';
import { interruptTableRegister } from './interrupt-table-register.ts';
import { invalidationQueueRegisters } from './invalidation-queue-registers.ts';
import { iotlbRegisters } from './iotlb-registers.ts';
import { pageRequestRegisters } from './page-request-registers.ts';
import {
  protectedHighRegisters,
  protectedLowRegisters,
  protectedMemoryEnable,
} from './protected-memory-registers.ts';

const PAGE = 4096;

/** Bytes from the register base of each register that code names. Those at CAP.FRO and ECAP.IRO are relative. */
export const registerOffset = {
  VER: 0x00,
  CAP: 0x08,
  ECAP: 0x10,
  GCMD: 0x18,
  GSTS: 0x1c,
  RTADDR: 0x20,
  CCMD: 0x28,
  FSTS: 0x34,
  FECTL: 0x38,
  FEDATA: 0x3c,
  FEADDR: 0x40,
  FEUADDR: 0x44,
  PMEN: 0x64,
  PLMBASE: 0x68,
  PLMLIMIT: 0x6c,
  PHMBASE: 0x70,
  PHMLIMIT: 0x78,
  IQH: 0x80,
  IQT: 0x88,
  IQA: 0x90,
  ICS: 0x9c,
  IECTL: 0xa0,
  IQERCD: 0xb0,
  IRTA: 0xb8,
  PQH: 0xc0,
  PQT: 0xc8,
  PQA: 0xd0,
  PRS: 0xdc,
  PECTL: 0xe0,
} as const;

/** Lays out the registers that a unit of this capability has. Bits of absent features are read-only zeros. */
export function registerBlock(
  capability: Capability,
  version: number,
  cap: WideValue,
  ecap: WideValue,
): RegisterFile {
  const records = capability.faultRecordOffset;
  const end = Math.max(
    0x100,
    records + 16 * capability.faultRecords,
    capability.iotlbOffset + iotlbRegisters.size,
  );
  const file = new RegisterFile(Math.ceil(end / PAGE) * PAGE);
  file.place(coreRegisters);
  if (capability.protectedLow || capability.protectedHigh) file.place(protectedMemoryEnable);
  if (capability.protectedLow) file.place(protectedLowRegisters);
  if (capability.protectedHigh) file.place(protectedHighRegisters);
  if (capability.queuedInvalidation) file.place(invalidationQueueRegisters);
  if (capability.interruptRemapping) file.place(interruptTableRegister);
  if (capability.pageRequests) file.place(pageRequestRegisters);
  file.place(iotlbRegisters, capability.iotlbOffset);
  for (let i = 0; i < capability.faultRecords; i++) file.place(faultRecordRegisters, records + 16 * i);
  fix32(file, registerOffset.VER, version);
  fix32(file, registerOffset.CAP, cap.low);
  fix32(file, registerOffset.CAP + 4, cap.high);
  fix32(file, registerOffset.ECAP, ecap.low);
  fix32(file, registerOffset.ECAP + 4, ecap.high);
  // TTM, IQA.DW and IRTA.EIME are reserved where no feature gives them a meaning.
  if (!capability.scalableMode && !capability.abortDma) file.setWritable(registerOffset.RTADDR + 1, 0xf0);
  if (capability.queuedInvalidation && !capability.scalableMode) {
    file.setWritable(registerOffset.IQA + 1, 0xf0);
  }
  if (capability.interruptRemapping && !capability.extendedInterrupts)
    file.setWritable(registerOffset.IRTA + 1, 0xf0);
  return file;
}

function fix32(file: RegisterFile, offset: number, value: number): void {
  file.poke32(offset, value);
  for (let i = 0; i < 4; i++) file.setResetValue(offset + i, (value >>> (8 * i)) & 0xff);
}

/** Reads a 64-bit register as hardware sees it. */
export function peekWide(file: RegisterFile, offset: number): WideValue {
  return { low: file.peek32(offset), high: file.peek32(offset + 4) };
}
