import { defaultTraits, type EndpointTraits } from '../../endpoint-description.ts';
import { MemoryPort, runEngine } from '../../testing/memory-port.ts';
import { MptEngine } from '../mpt-engine.ts';

export const MS = 1_000_000;
export const FRAMES = 0x10_0000;
export const REPLY_POST = 0x12_0000;
export const REPLY_FREE = 0x13_0000;
export const REPLIES = 0x14_0000;
export const DATA = 0x20_0000;
export const DEPTH = 32;
/** Of a request that a disk answers. */
export const DISK_MS = 10;

const UNUSED = 0xffff_ffff;

/** What a driver does to a controller, for tests: registers by their offsets, memory by its addresses. */
export class MptHost {
  readonly engine: MptEngine;
  readonly port: MemoryPort = new MemoryPort();

  constructor(traits: Partial<EndpointTraits> = {}, bytesPerUnit = 4096) {
    const workload = { ratePerSecond: 100, bytesPerUnit, burstBytes: 128, direction: 'to-memory' } as const;
    this.engine = new MptEngine({ kind: 'mpt', traits: { ...defaultTraits, ...traits }, workload }, 1);
  }

  read(offset: number): number {
    return this.engine.readRegister(0, offset, 4, this.port.now);
  }

  write(offset: number, value: number): void {
    this.engine.writeRegister(0, offset, 4, value >>> 0, this.port.now);
  }

  run(ms: number, mode: 'steady-steps' | 'event-by-event' = 'steady-steps'): void {
    runEngine(this.engine, this.port, this.port.now + ms * MS, mode);
  }

  get state(): number {
    return this.read(0) >>> 28;
  }

  /** Writes dwords to memory. */
  put(address: number, ...dwords: number[]): void {
    for (const [index, dword] of dwords.entries())
      this.port.memory.write32(address + index * 4, dword >>> 0, 0);
  }

  /** A message through the doorbell; its reply as 16-bit words. */
  handshake(dwords: readonly number[]): number[] {
    this.write(0, 0x4200_0000 | (dwords.length << 16));
    if ((this.read(0x30) & 1) === 0) return [];
    this.write(0x30, 0);
    for (const dword of dwords) this.write(0, dword);
    const words: number[] = [];
    while ((this.read(0) & 0x0800_0000) !== 0) {
      words.push(this.read(0) & 0xffff);
      this.write(0x30, 0);
    }
    this.write(0x30, 0);
    return words;
  }

  /** IOCInit with queues of {@link DEPTH}; returns the IOCStatus. */
  initialise(version = 0x0205, change: Readonly<Record<number, number>> = {}): number | undefined {
    const dwords = new Array<number>(18).fill(0);
    dwords[0] = 0x0200_0004;
    dwords[3] = version;
    dwords[6] = 32 << 16;
    dwords[7] = (DEPTH << 16) | DEPTH;
    dwords[10] = FRAMES;
    dwords[12] = REPLY_POST;
    dwords[14] = REPLY_FREE;
    for (const [index, value] of Object.entries(change)) dwords[Number(index)] = value;
    for (let i = 0; i < DEPTH; i++) {
      this.put(REPLY_POST + i * 8, UNUSED, UNUSED);
      this.put(REPLY_FREE + i * 4, REPLIES + i * 128);
    }
    const status = this.handshake(dwords)[7];
    this.write(0x48, DEPTH - 1);
    this.write(0x34, 1);
    return status;
  }

  /** A SCSI IO request in the frame of `smid`, with a list of these dwords. */
  scsi(
    smid: number,
    bytes: number,
    list: readonly number[],
    {
      writes = false,
      flags = 0,
      handle = 9,
    }: { readonly writes?: boolean; readonly flags?: number; readonly handle?: number } = {},
  ): void {
    const at = FRAMES + smid * 128;
    this.put(at, handle);
    this.put(at + 0x10, flags);
    this.put(at + 0x14, 24);
    this.put(at + 0x1c, bytes);
    this.put(at + 0x3c, (writes ? 1 : 2) << 24);
    this.put(at + 0x60, ...list);
  }

  post(smid: number, type = 0): void {
    this.write(0xc0, (smid << 16) | type);
    this.write(0xc4, 9 << 16);
  }

  /** A reply descriptor; undefined while unused. */
  reply(slot: number): { type: number; smid: number; frame: number } | undefined {
    const low = this.port.memory.read32(REPLY_POST + slot * 8);
    const frame = this.port.memory.read32(REPLY_POST + slot * 8 + 4);
    return low === UNUSED ? undefined : { type: low & 0xff, smid: low >>> 16, frame };
  }

  /** IOCStatus in the reply frame that a descriptor names. */
  status(slot: number): number {
    return this.port.memory.read32((this.reply(slot)?.frame ?? 0) + 12) >>> 16;
  }

  isWritten(address: number): boolean {
    return this.port.memory.lastWriterAt(address) === 'device';
  }

  /** The keys, and the order to reset the adapter. */
  diagnosticReset(keys: readonly number[] = [0, 0xf, 4, 0xb, 2, 7, 0xd]): void {
    for (const key of keys) this.write(4, key);
    this.write(8, 4);
  }
}

/** An IEEE element that ends the list. */
export const ieee = (address: number, bytes: number, flags = 0x40): number[] => [
  address,
  0,
  bytes,
  flags << 24,
];
/** An MPI element of 64 bits that ends the list. */
export const mpi = (address: number, bytes: number, flags = 0xd3): number[] => [
  (flags << 24) | bytes,
  address,
  0,
];
