import type { Address } from '@quiesce/simulation';
import { writeAddress } from './dma-buffer.ts';
import type { DriverHost } from './driver-host.ts';

/** Bytes of a submission and of a completion queue entry (NVMe 4.2, 4.6). */
export const SUBMISSION_BYTES = 64;
export const COMPLETION_BYTES = 16;

export const AdminOpcode = {
  createSubmissionQueue: 0x01,
  createCompletionQueue: 0x05,
  identify: 0x06,
} as const;
export const NvmOpcode = { write: 0x01, read: 0x02 } as const;

/** What of a command our drivers use. */
export interface NvmeCommand {
  readonly opcode: number;
  readonly id: number;
  readonly data: Address;
  readonly dword10: number;
  readonly dword11: number;
  readonly dword12: number;
}

/** Writes a command into slot `slot` of a submission queue, one page of data at most. */
export function writeCommand(host: DriverHost, queue: Address, slot: number, command: NvmeCommand): void {
  const at = queue + slot * SUBMISSION_BYTES;
  host.writeMemory32(at, (command.opcode | (command.id << 16)) >>> 0);
  host.writeMemory32(at + 4, 1);
  writeAddress(host, at + 24, command.data);
  host.writeMemory32(at + 40, command.dword10);
  host.writeMemory32(at + 44, command.dword11);
  host.writeMemory32(at + 48, command.dword12);
}

/** Status of the completion in `slot` of a queue's first round; undefined while it is not there. */
export function completionStatus(host: DriverHost, queue: Address, slot: number): number | undefined {
  const word = host.readMemory32(queue + slot * COMPLETION_BYTES + 12);
  return ((word >>> 16) & 1) === 1 ? word >>> 17 : undefined;
}
