import {
  MPT_FRAME_BYTES,
  MPT_REPLY_DESCRIPTOR_BYTES,
  MPT_REPLY_FREE_BYTES,
  MPT_REPLY_POST_UNIT,
  MptFunction,
  MptReplyType,
  MptVersion,
  ScsiIoRequest,
} from '@quiesce/pcie-model';
import type { Address } from '@quiesce/simulation';
import { type DmaBuffer, mapBuffer, mapBuffers, writeAddress } from './dma-buffer.ts';
import type { DriverDevice, DriverHost } from './driver-host.ts';

/** Reply frames that the controller has for what is not a plain success. */
const REPLY_FRAMES = 32;
const BLOCK_BYTES = 512;
/** READ(10) and WRITE(10) (SBC-4). */
const READ_10 = 0x28;
const WRITE_10 = 0x2a;
const CDB_BYTES = 10;
/** Flags of the one element of our lists: last, end of buffer, simple, 64 bits, end of list; and that memory is read. */
const MPI_ELEMENT = 0xd3;
const MPI_TO_CONTROLLER = 0x04;
const IEEE_END_OF_LIST = 0x40;
const UNUSED = 0xffff_ffff;

/** Memory that driver and controller share. */
export interface MptMemory {
  readonly frames: DmaBuffer;
  readonly replies: DmaBuffer;
  readonly replyFree: DmaBuffer;
  readonly replyPost: DmaBuffer;
  readonly data: readonly DmaBuffer[];
}

/** SMID of the request for the driver's own messages; those before it are for data, and 0 is none. */
export function ownSmid(device: DriverDevice): number {
  return device.traits.queueDepth + 1;
}

/** Entries of the reply descriptor post queue: never full, and a multiple of 16. */
export function replyPostDepth(device: DriverDevice): number {
  return (Math.floor((device.traits.queueDepth + 2) / MPT_REPLY_POST_UNIT) + 1) * MPT_REPLY_POST_UNIT;
}

export const replyFreeDepth: number = REPLY_FRAMES;

/** Allocates and maps everything, lends the reply frames, and marks all reply descriptors as unused. */
export function mapMemory(host: DriverHost, device: DriverDevice): MptMemory | undefined {
  const { queueDepth, bufferBytes } = device.traits;
  const frames = mapBuffer(host, (queueDepth + 2) * MPT_FRAME_BYTES, 'to-device');
  const replies = mapBuffer(host, REPLY_FRAMES * MPT_FRAME_BYTES, 'from-device');
  const replyFree = mapBuffer(host, REPLY_FRAMES * MPT_REPLY_FREE_BYTES, 'to-device');
  const postBytes = replyPostDepth(device) * MPT_REPLY_DESCRIPTOR_BYTES;
  const replyPost = mapBuffer(host, postBytes, 'both');
  const data = mapBuffers(host, queueDepth, bufferBytes, 'both');
  if (frames === undefined || replies === undefined || replyFree === undefined) return undefined;
  if (replyPost === undefined || data === undefined) return undefined;
  for (let i = 0; i < REPLY_FRAMES; i++) {
    const address = replies.device + i * MPT_FRAME_BYTES;
    host.writeMemory32(replyFree.physical + i * MPT_REPLY_FREE_BYTES, address >>> 0);
  }
  for (let at = 0; at < postBytes; at += 4) host.writeMemory32(replyPost.physical + at, UNUSED);
  return { frames, replies, replyFree, replyPost, data };
}

/** Writes a SCSI IO request for the whole of one buffer: reads of the disk and writes to it in turn. */
export function writeScsiIo(
  host: DriverHost,
  device: DriverDevice,
  memory: MptMemory,
  { index, handle, version }: { readonly index: number; readonly handle: number; readonly version: number },
): void {
  const frame = frameOf(memory, index + 1);
  const { bufferBytes } = device.traits;
  const reads = index % 2 === 0;
  const blocks = Math.max(1, Math.floor(bufferBytes / BLOCK_BYTES));
  const { device: address } = memory.data[index] as DmaBuffer;
  host.writeMemory32(frame + ScsiIoRequest.header, handle + MptFunction.scsiIo * 2 ** 24);
  host.writeMemory32(frame + ScsiIoRequest.sglOffset0, ScsiIoRequest.list / 4);
  host.writeMemory32(frame + ScsiIoRequest.dataLength, bufferBytes);
  host.writeMemory32(frame + ScsiIoRequest.ioFlags, CDB_BYTES);
  host.writeMemory32(frame + ScsiIoRequest.control, (reads ? 2 : 1) * 2 ** 24);
  // Big-endian: the block stands in bytes 2 to 5, their number in bytes 7 and 8.
  const block = index * blocks;
  host.writeMemory32(
    frame + ScsiIoRequest.cdb,
    (reads ? READ_10 : WRITE_10) + ((block >>> 16) & 0xff) * 2 ** 24,
  );
  host.writeMemory32(frame + ScsiIoRequest.cdb + 4, ((block >>> 8) & 0xff) + (block & 0xff) * 2 ** 8);
  host.writeMemory32(frame + ScsiIoRequest.cdb + 8, blocks & 0xff);
  const list = frame + ScsiIoRequest.list;
  if (version === MptVersion.mpi20) {
    const flags = MPI_ELEMENT | (reads ? 0 : MPI_TO_CONTROLLER);
    host.writeMemory32(list, flags * 2 ** 24 + bufferBytes);
    writeAddress(host, list + 4, address);
  } else {
    writeAddress(host, list, address);
    host.writeMemory32(list + 8, bufferBytes);
    host.writeMemory32(list + 12, IEEE_END_OF_LIST * 2 ** 24);
  }
}

/** Writes a message that has no data: PortEnable. */
export function writePortEnable(host: DriverHost, memory: MptMemory, smid: number): void {
  host.writeMemory32(frameOf(memory, smid), MptFunction.portEnable * 2 ** 24);
}

/** What the descriptor in a slot of the reply queue's first round says; undefined while it is unused. */
export function replyAt(
  host: DriverHost,
  memory: MptMemory,
  slot: number,
): { readonly smid: number; readonly isSuccess: boolean } | undefined {
  const word = host.readMemory32(memory.replyPost.physical + slot * MPT_REPLY_DESCRIPTOR_BYTES);
  if (word === UNUSED) return undefined;
  const isAddress = (word & 0xf) === MptReplyType.address;
  return { smid: word >>> 16, isSuccess: !isAddress };
}

function frameOf(memory: MptMemory, smid: number): Address {
  return memory.frames.physical + smid * MPT_FRAME_BYTES;
}
