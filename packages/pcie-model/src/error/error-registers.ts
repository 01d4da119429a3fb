import type { RegisterFile } from '@quiesce/simulation';
import type { TlpHeader } from '../request/tlp-header.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { AER, BRIDGE_CONTROL, COMMAND, EXPRESS, SECONDARY_STATUS, STATUS } from './register-offsets.ts';

/** Counts the bits that the hardware has set, over all functions. */
export interface ChangeCounter {
  count: number;
}

/** The error registers of one function, found once; absent capabilities read as 0 and take nothing. */
export class ErrorRegisters {
  readonly fn: PcieFunction;
  /** Offset of the PCI Express capability, 0 on a conventional function. */
  readonly express: number;
  /** Offset of the AER capability, 0 without one. */
  readonly aer: number;
  readonly isBridge: boolean;
  /** It has Root Control, and AER root registers if it has AER: a root port or root complex event collector. */
  readonly isRoot: boolean;
  readonly #file: RegisterFile;
  readonly #changes: ChangeCounter;

  constructor(fn: PcieFunction, changes: ChangeCounter) {
    this.fn = fn;
    this.#file = fn.config.file;
    this.#changes = changes;
    this.express = fn.config.express;
    this.aer = fn.config.aer;
    this.isBridge = fn.config.headerType === 1;
    this.isRoot = fn.kind === 'root-port' || fn.kind === 'rc-event-collector';
  }

  get serrEnabled(): boolean {
    return (this.#file.peek16(COMMAND.offset) & COMMAND.serrEnable) !== 0;
  }

  get respondsToParity(): boolean {
    return (this.#file.peek16(COMMAND.offset) & COMMAND.parityResponse) !== 0;
  }

  /** Error messages from the secondary side are forwarded. */
  get forwardsErrors(): boolean {
    return (this.#file.peek16(BRIDGE_CONTROL.offset) & BRIDGE_CONTROL.serrEnable) !== 0;
  }

  get deviceControl(): number {
    return this.express === 0 ? 0 : this.#file.peek16(this.express + EXPRESS.deviceControl);
  }

  get roleBased(): boolean {
    return (this.#file.peek32(this.express + EXPRESS.deviceCapabilities) & EXPRESS.roleBasedReporting) !== 0;
  }

  get rootControl(): number {
    return this.isRoot && this.express !== 0 ? this.#file.peek16(this.express + EXPRESS.rootControl) : 0;
  }

  /** A dword of the AER capability, 0 without one. */
  readAer(offset: number): number {
    return this.aer === 0 ? 0 : this.#file.peek32(this.aer + offset);
  }

  /** AER Interrupt Message Number of a root port. */
  get interruptMessage(): number {
    return this.readAer(AER.rootStatus) >>> 27;
  }

  /** Runs `written` after software has written Root Error Command or Root Error Status. */
  onRootWritten(written: () => void): void {
    if (!this.isRoot || this.aer === 0) return;
    this.#file.onWrite(this.aer + AER.rootCommand, 32, written);
    this.#file.onWrite(this.aer + AER.rootStatus, 32, written);
  }

  setStatus(bits: number): void {
    this.#set16(STATUS.offset, bits);
  }

  setSecondaryStatus(bits: number): void {
    if (this.isBridge) this.#set16(SECONDARY_STATUS.offset, bits);
  }

  setDeviceStatus(bits: number): void {
    if (this.express !== 0) this.#set16(this.express + EXPRESS.deviceStatus, bits);
  }

  setAer(offset: number, bits: number): void {
    if (this.aer !== 0) this.#put32(this.aer + offset, this.#file.peek32(this.aer + offset) | bits);
  }

  /** Header log and first error pointer, unless an earlier uncorrectable error still holds them. */
  logHeader(error: number, header: TlpHeader | undefined): void {
    if (this.aer === 0) return;
    const at = this.aer + AER.control;
    const control = this.#file.peek32(at);
    const first = control & AER.firstErrorPointer;
    // The pointer is valid while the status bit that it names is set (PCIe 7.8.4.7).
    if ((this.readAer(AER.uncorrectableStatus) & (1 << first)) !== 0) return;
    this.#put32(at, (control & ~AER.firstErrorPointer) | error);
    if (header === undefined) return;
    for (let i = 0; i < 4; i++) this.#put32(this.aer + AER.headerLog + i * 4, header[i] as number);
  }

  setErrorSource(shift: 0 | 16, requesterId: number): void {
    if (this.aer === 0) return;
    const at = this.aer + AER.errorSource;
    const old = this.#file.peek32(at);
    this.#put32(at, (old & ~(0xffff << shift)) | (requesterId << shift));
  }

  #set16(at: number, bits: number): void {
    const old = this.#file.peek16(at);
    if ((old & bits) === bits) return;
    this.#file.poke16(at, old | bits);
    this.#changes.count++;
  }

  #put32(at: number, value: number): void {
    if (this.#file.peek32(at) === value >>> 0) return;
    this.#file.poke32(at, value >>> 0);
    this.#changes.count++;
  }
}
