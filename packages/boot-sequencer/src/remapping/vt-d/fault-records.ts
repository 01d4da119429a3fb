import { pageAddress } from '@quiesce/simulation';
import type { HandledFault } from '../kernel-remapping.ts';
import { VTD } from './register-offsets.ts';
import type { UnitDriver } from './unit-driver.ts';

const FAULT_OVERFLOW = 1;
const FAULT_PENDING = 2;

/** A round of the fault handler over one unit. */
export interface FaultRound {
  /** Fault status as the handler found it. */
  readonly status: number;
  readonly faults: readonly HandledFault[];
}

/** Takes every pending record and clears it, then the overflow bit (dmar_fault). */
export function takeFaultRecords(driver: UnitDriver): FaultRound | undefined {
  const { handle } = driver;
  const status = handle.read32(VTD.faultStatus);
  if ((status & (FAULT_OVERFLOW | FAULT_PENDING)) === 0) return undefined;
  const faults: HandledFault[] = [];
  const base = ((driver.capabilityLow >>> 24) | ((driver.capabilityHigh & 3) << 8)) * 16;
  const count = ((driver.capabilityHigh >>> 8) & 0xff) + 1;
  let index = (status >>> 8) & 0xff;
  for (let taken = 0; taken < count; taken++) {
    const record = base + index * 16;
    const word3 = handle.read32(record + 12);
    if ((word3 & 0x8000_0000) === 0) break;
    const low = handle.read32(record);
    const high = handle.read32(record + 4);
    const reason = word3 & 0xff;
    const interrupt = reason >= 0x20 && reason <= 0x2f;
    faults.push({
      unit: handle,
      requesterId: handle.read32(record + 8) & 0xffff,
      address: interrupt ? high >>> 16 : fullAddress(low, high),
      write: (word3 & 0x4000_0000) === 0,
      reason,
      interrupt,
    });
    handle.write32(record + 12, 0x8000_0000);
    index = (index + 1) % count;
  }
  handle.write32(VTD.faultStatus, FAULT_OVERFLOW);
  return { status, faults };
}

function fullAddress(low: number, high: number): number {
  return pageAddress(low, high & 0xf_ffff);
}
