import { MptDoorbellFunction, mptRegisters } from '@quiesce/pcie-model';
import type { DeviceRegisters } from './device-registers.ts';

const field = mptRegisters.field;
const DOORBELL = field['Doorbell.DATA'].offset & ~3;
const INTERRUPT_STATUS = field['HostInterruptStatus.IOC2SYS'].offset & ~3;
/** The driver waits 5 s for each answer; what does not come within this time does not come at all. */
const ANSWER_MS = 1000;

/** Bytes of the part that every reply has; its length stands in it, dwords, in the third byte. */
const HEADER_WORDS = 2;

/**
 * Sends a message through the doorbell (`_base_handshake_req_reply_wait`).
 * @returns the reply as 16-bit words; undefined if the controller does not answer, or a message is under way
 */
export function handshake(
  registers: DeviceRegisters,
  dwords: readonly number[],
): readonly number[] | undefined {
  if (registers.get(field['Doorbell.USED']) === 1) return undefined;
  registers.write(INTERRUPT_STATUS, 0);
  registers.write(DOORBELL, (MptDoorbellFunction.handshake * 2 ** 24 + dwords.length * 2 ** 16) >>> 0);
  if (!rings(registers)) return undefined;
  registers.write(INTERRUPT_STATUS, 0);
  for (const dword of dwords) registers.write(DOORBELL, dword);
  const words: number[] = [];
  for (let expected = HEADER_WORDS; words.length < expected; ) {
    if (!rings(registers)) return undefined;
    words.push(registers.get(field['Doorbell.DATA']));
    registers.write(INTERRUPT_STATUS, 0);
    if (words.length === HEADER_WORDS) expected = Math.max(expected, ((words[1] as number) & 0xff) * 2);
  }
  if (!rings(registers) || registers.get(field['Doorbell.USED']) === 1) return undefined;
  registers.write(INTERRUPT_STATUS, 0);
  return words;
}

function rings(registers: DeviceRegisters): boolean {
  return registers.waitFor(field['HostInterruptStatus.IOC2SYS'], 1, ANSWER_MS);
}
