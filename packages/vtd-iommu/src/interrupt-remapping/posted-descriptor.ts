import type { Address, InterruptOutcome } from '@quiesce/simulation';
import { failed, type TableAccess } from '../walk/entry-access.ts';

/** Dword of the posted-interrupt descriptor that holds ON, SN and NV (VT-d 9.11). */
const CONTROL = 8;
const OUTSTANDING = 0x1;
const SUPPRESS = 0x2;
const CONTROL_RESERVED = 0xff00_fffc;

/** Reasons of its own (VT-d 7.2.4): the descriptor cannot be reached, or has reserved bits set. */
export const POSTED_ACCESS = 0x27;
export const POSTED_RESERVED = 0x28;

/**
 * Posts `vector` into the descriptor at `descriptor` (VT-d 5.2.3): sets its bit in PIR and, unless one is outstanding or
 * they are suppressed, sends the notification, which is then what `outcome` tells. Without one nothing is delivered, and
 * nothing is wrong.
 * @returns 0, or the fault reason
 */
export function postInterrupt(
  access: TableAccess,
  descriptor: Address,
  vector: number,
  urgent: boolean,
  outcome: InterruptOutcome,
): number {
  const { memory, writer } = access;
  const at = descriptor + 4 * (vector >>> 5);
  const requests = memory.read32(at);
  const control = memory.read32(descriptor + 4 * CONTROL);
  const destination = memory.read32(descriptor + 4 * CONTROL + 4);
  if (failed(access, control, destination, descriptor)) return POSTED_ACCESS;
  if ((control & CONTROL_RESERVED) !== 0) return POSTED_RESERVED;
  memory.write32(at, (requests | (1 << (vector & 31))) >>> 0, writer);
  if ((control & OUTSTANDING) !== 0 || ((control & SUPPRESS) !== 0 && !urgent)) return 0;
  memory.write32(descriptor + 4 * CONTROL, (control | OUTSTANDING) >>> 0, writer);
  outcome.delivered = true;
  outcome.vector = (control >>> 16) & 0xff;
  outcome.destination = destination;
  return 0;
}
