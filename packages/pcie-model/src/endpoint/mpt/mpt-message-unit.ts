import { milliseconds, type Nanoseconds, RegisterFile } from '@quiesce/simulation';
import type { EndpointDescription } from '../endpoint-description.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import { defaultReply, factsReply } from './mpt-facts.ts';
import { HANDSHAKE_NUMBERS, MptHandshake } from './mpt-handshake.ts';
import { HOST_DRIVER, MptFunction, MptStatus } from './mpt-messages.ts';
import { Mpt, MptQueues, QUEUE_NUMBERS } from './mpt-queues.ts';
import { MptDoorbellFunction, MptState, mptDiagnosticKeys, mptRegisters } from './mpt-registers.ts';

const field = mptRegisters.field;
const DOORBELL = field['Doorbell.STATE'].offset & ~3;
const WRITE_SEQUENCE = field['WriteSequence.KEY'].offset;
const HOST_DIAGNOSTIC = field['HostDiagnostic.RESET_ADAPTER'].offset & ~3;
const HOST_INTERRUPT_STATUS = field['HostInterruptStatus.IOC2SYS'].offset & ~3;
const HOST_INTERRUPT_MASK = field['HostInterruptMask.IOC2SYS'].offset & ~3;
const REPLY_FREE_HOST_INDEX = field['ReplyFreeHostIndex.INDEX'].offset;
const REPLY_POST_HOST_INDEX = field['ReplyPostHostIndex.INDEX'].offset;
const REQUEST_POST_LOW = field['RequestDescriptorPostLow.WORD'].offset;
const REQUEST_POST_HIGH = field['RequestDescriptorPostHigh.WORD'].offset;

/**
 * Fault code after a read that the host's bridge refused: seen in the log of the commit "scsi: mpt3sas: Avoid IOMMU page
 * faults on REPORT ZONES", where two page faults and this code are followed by a diagnostic reset that succeeds.
 */
const READ_REFUSED = 0x2666;

/** The adapter's own reset, and the start of its firmware; logs show 0.8 s to 1 s from the order to the driver's SUCCESS. */
const ADAPTER_RESET_TIME = milliseconds(50);
const FIRMWARE_TIME = milliseconds(600);
/** From a message unit reset to the state READY. */
const MESSAGE_UNIT_RESET_TIME = milliseconds(2);

/** What the message unit remembers beside its queues. */
export interface MessageUnitState extends Record<string, number> {
  /** The firmware answers from here on. */
  readyAt: Nanoseconds;
  adapterResetUntil: Nanoseconds;
  operational: number;
  faultCode: number;
  /** Keys written to WriteSequence in their order. */
  keys: number;
  postLow: number;
}

/**
 * The registers of a message-passing controller and what they do by themselves: the state of its firmware, messages
 * through the doorbell, resets, indexes of its queues, its interrupt. What becomes of a request is the engine's.
 */
export abstract class MptMessageUnit<Own extends Record<string, number>> extends MasteringEngine<
  MessageUnitState & Own
> {
  protected readonly queues: MptQueues;
  readonly #file: RegisterFile;
  readonly #handshake: MptHandshake;

  constructor(description: EndpointDescription, seed: number, own: Own) {
    const file = new RegisterFile(mptRegisters.size);
    file.place(mptRegisters);
    super(
      description,
      seed,
      [{ base: 0, file }],
      {
        readyAt: 0,
        adapterResetUntil: 0,
        operational: 0,
        faultCode: 0,
        keys: 0,
        postLow: 0,
        ...own,
      },
      HANDSHAKE_NUMBERS + QUEUE_NUMBERS,
    );
    this.#file = file;
    this.#handshake = new MptHandshake(this.internal.subarray(0, HANDSHAKE_NUMBERS));
    this.queues = new MptQueues(this.internal.subarray(HANDSHAKE_NUMBERS));
    file.onWrite(DOORBELL, 32, (_offset, written) => this.#doorbellWritten(written));
    file.onWrite(WRITE_SEQUENCE, 32, (_offset, written) => this.#keyWritten(written & 0xf));
    file.onWrite(HOST_DIAGNOSTIC, 32, () => this.#diagnosticWritten());
    file.onWrite(HOST_INTERRUPT_STATUS, 32, () => this.#doorbellTaken());
    file.onWrite(HOST_INTERRUPT_MASK, 32, () => this.#updateLine());
    file.onWrite(REPLY_FREE_HOST_INDEX, 32, (_offset, written) => this.#replyFramesLent(written & 0xffff));
    file.onWrite(REPLY_POST_HOST_INDEX, 32, (_offset, written) => this.#repliesRead(written & 0x00ff_ffff));
    file.onWrite(REQUEST_POST_LOW, 32, (_offset, written) => {
      this.state.postLow = written;
    });
    file.onWrite(REQUEST_POST_HIGH, 32, () => this.#requestPosted());
  }

  /** Nobody answers a posted write, and no firmware is known that watches its link for what became of one. */
  protected override get losesPostedWrites(): boolean {
    return true;
  }

  /** Any reset from outside starts the firmware anew. */
  override reset(kind: 'cold' | 'conventional' | 'function-level', now: Nanoseconds): void {
    super.reset(kind, now);
    this.state.readyAt = now + FIRMWARE_TIME;
  }

  protected override refreshRegisters(): void {
    const state = this.state;
    const file = this.#file;
    file.set(field['Doorbell.STATE'], this.#firmwareState());
    file.set(field['Doorbell.USED'], this.#handshake.isActive ? 1 : 0);
    file.set(field['Doorbell.WHO_INIT'], state.operational === 1 ? HOST_DRIVER : 0);
    const word = this.#handshake.isReplying ? this.#handshake.word : 0;
    file.set(field['Doorbell.DATA'], state.faultCode === 0 ? word : state.faultCode);
    file.set(field['HostDiagnostic.RESET_ADAPTER'], this.now < state.adapterResetUntil ? 1 : 0);
    file.set(field['HostInterruptStatus.REPLY'], this.queues.hasReplies ? 1 : 0);
  }

  protected override onHalt(): void {
    this.state.faultCode = READ_REFUSED;
  }

  /** Requests wait, or one that waited for the host may go on. */
  protected abstract wake(): void;

  /** Whether replies may interrupt. */
  protected get repliesInterrupt(): boolean {
    return this.#file.get(field['HostInterruptMask.REPLY']) === 0;
  }

  #firmwareState(): number {
    if (this.state.faultCode !== 0) return MptState.fault;
    if (this.now < this.state.readyAt) return MptState.reset;
    return this.state.operational === 1 ? MptState.operational : MptState.ready;
  }

  #doorbellWritten(written: number): void {
    const state = this.#firmwareState();
    const handshake = this.#handshake;
    if (state === MptState.fault || state === MptState.reset || handshake.isReplying) return;
    if (handshake.isActive) {
      if (!handshake.take(written)) return;
      handshake.reply(this.#answer());
      this.#ring();
    } else if (written >>> 24 === MptDoorbellFunction.messageUnitReset) {
      const { keys } = this.state;
      this.clearState();
      this.#file.set(field['HostInterruptStatus.IOC2SYS'], 0);
      this.state.keys = keys;
      this.state.readyAt = this.now + MESSAGE_UNIT_RESET_TIME;
    } else if (written >>> 24 === MptDoorbellFunction.handshake) {
      handshake.begin((written >>> 16) & 0xff);
      if (handshake.isActive) this.#ring();
    }
  }

  /** The reply of a message that came through the doorbell. */
  #answer(): readonly number[] {
    const handshake = this.#handshake;
    const fn = handshake.dword(0) >>> 24;
    if (fn === MptFunction.iocFacts) return factsReply(this.state.operational === 1);
    if (fn !== MptFunction.iocInit) return defaultReply(fn, MptStatus.invalidFunction);
    if (this.state.operational === 1) return defaultReply(fn, MptStatus.invalidState);
    const status = this.queues.initialise((offset) => handshake.dword(offset));
    if (status === MptStatus.success) this.state.operational = 1;
    return defaultReply(fn, status);
  }

  /** The host has taken what the doorbell held. */
  #doorbellTaken(): void {
    this.#file.set(field['HostInterruptStatus.IOC2SYS'], 0);
    if (this.#handshake.isReplying) {
      this.#handshake.advance();
      this.#ring();
    } else this.#updateLine();
  }

  #ring(): void {
    this.#file.set(field['HostInterruptStatus.IOC2SYS'], 1);
    this.#updateLine();
  }

  #keyWritten(key: number): void {
    const state = this.state;
    if (key === mptDiagnosticKeys[0]) state.keys = 1;
    else state.keys = key === mptDiagnosticKeys[state.keys] ? state.keys + 1 : 0;
    const open = state.keys === mptDiagnosticKeys.length ? 1 : 0;
    this.#file.set(field['HostDiagnostic.DIAG_WRITE_ENABLE'], open);
  }

  #diagnosticWritten(): void {
    const file = this.#file;
    const asked = file.get(field['HostDiagnostic.RESET_ADAPTER']) === 1;
    const isOpen = file.get(field['HostDiagnostic.DIAG_WRITE_ENABLE']) === 1;
    if (!asked || !isOpen || this.now < this.state.adapterResetUntil) return;
    this.registerReset();
    if (this.state.halted !== 0) return;
    this.state.adapterResetUntil = this.now + ADAPTER_RESET_TIME;
    file.set(field['HostDiagnostic.RESET_HISTORY'], 1);
  }

  #replyFramesLent(index: number): void {
    if (this.state.operational === 0 || index >= this.queues.get(Mpt.replyFreeDepth)) return;
    this.queues.set(Mpt.replyFreeHost, index);
    this.wake();
  }

  #repliesRead(index: number): void {
    if (this.state.operational === 0 || index >= this.queues.get(Mpt.replyPostDepth)) return;
    this.queues.set(Mpt.replyPostHost, index);
    this.#updateLine();
    this.wake();
  }

  #requestPosted(): void {
    if (this.#firmwareState() !== MptState.operational) return;
    this.queues.post(this.state.postLow);
    this.wake();
  }

  #updateLine(): void {
    const file = this.#file;
    const replies = this.queues.hasReplies && this.repliesInterrupt;
    const doorbell = file.get(field['HostInterruptStatus.IOC2SYS']) === 1;
    this.setLine(replies || (doorbell && file.get(field['HostInterruptMask.IOC2SYS']) === 0));
  }
}
