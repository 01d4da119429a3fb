import { type Address, millisecond, RegisterFile } from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { EventRingEngine } from './event-ring-engine.ts';
import {
  XHCI_DOORBELLS,
  XHCI_LEGACY,
  XHCI_PORT,
  xhciCapability,
  xhciDoorbells,
  xhciLegacySupport,
  xhciOperational,
  xhciPort,
} from './xhci-registers.ts';
import {
  CONTEXT_BYTES,
  CONTEXT_DWORDS,
  CONTEXTS,
  CompletionCode,
  CYCLE,
  ENDPOINT,
  INTERRUPT_ON_COMPLETION,
  INTERRUPT_ON_SHORT,
  RUNNING,
  SLOT,
  SlotState,
  slotOf,
  TOGGLE_CYCLE,
  TRB_BYTES,
  TrbType,
  trbType,
} from './xhci-structures.ts';

const field = xhciOperational.field;
const USBCMD = field['USBCMD.RS'].offset;
const CRCR = field['CRCR.RCS'].offset;
const CRCRU = field['CRCRU.HIGH'].offset;
const DCBAAP = field['DCBAAP.POINTER'].offset;
const DCBAAPU = field['DCBAAPU.HIGH'].offset;

/** What a command takes; most of a real one waits for a device on the bus. A circle of links costs as much. */
const COMMAND_TIME = millisecond;
/** Links that are followed to a transfer. */
const LINKS_PER_REPORT = 4;
const NEVER = Number.POSITIVE_INFINITY;

const Stage = { idle: 0, command: 1, report: 2 } as const;

/**
 * An extensible host controller with one device and its one interrupt IN endpoint. It touches memory when software rings
 * a doorbell, and when the device has a report: one in each period of the workload, for as long as transfers are queued and
 * the event ring has room. Devices without news make no traffic. Events go to one segment by interrupter 0.
 */
export class XhciEngine extends EventRingEngine {
  readonly #trb = new Float64Array(4);

  constructor(description: EndpointDescription, seed: number) {
    const blocks = [
      [0, xhciCapability],
      [XHCI_PORT, xhciPort],
      [XHCI_LEGACY, xhciLegacySupport],
      [XHCI_DOORBELLS, xhciDoorbells],
    ] as const;
    const files = blocks.map(([base, layout]) => {
      const file = new RegisterFile(layout.size);
      file.place(layout);
      return { base, file };
    });
    super(description, seed, files);
    const doorbells = (files[3] as (typeof files)[number]).file;
    doorbells.onWrite(0, 32, () => this.#commandRung());
    doorbells.onWrite(4, 32, (_offset, written) => this.#endpointRung(written & 0xff));
    this.operational.onWrite(USBCMD, 32, (_offset, written) => this.#commandWritten(written));
    this.operational.onWrite(CRCR, 32, (_offset, written) => this.#commandRingWritten(written));
    this.operational.onWrite(CRCRU, 32, (_offset, written) => this.#commandRingHighWritten(written));
  }

  /** A host controller that meets a system error halts itself; only a reset starts it again (xHCI 4.10.2.6). */
  protected override onHalt(): void {
    const file = this.operational;
    file.set(field['USBCMD.RS'], 0);
    file.set(field['USBSTS.HCH'], 1);
    file.set(field['USBSTS.HSE'], 1);
    file.set(field['CRCR.CRR'], 0);
  }

  protected override roomMade(): void {
    this.#schedule(this.now);
  }

  protected override work(port: EndpointPort): void {
    const state = this.state;
    if (state.stage === Stage.idle) {
      state.stage = state.commandTime <= state.reportTime ? Stage.command : Stage.report;
    }
    if (!this.prepareEvent(port)) return;
    if (!(state.stage === Stage.command ? this.#command(port) : this.#report(port))) return;
    state.stage = Stage.idle;
    this.#schedule(port.now);
  }

  #schedule(now: number): void {
    const state = this.state;
    const runs = this.operational.get(field['USBCMD.RS']) === 1 && state.waitsForRoom === 0;
    state.workTime = runs ? Math.max(now, Math.min(state.commandTime, state.reportTime)) : NEVER;
  }

  /** Reads a TRB. One that is refused has no cycle bit of ours: false in `#owned`. */
  #read(port: EndpointPort, address: Address, cycle: number): boolean {
    const trb = this.#trb;
    this.#owned = false;
    for (let i = 0; i < 4; i++) {
      if (!this.fetch(port, addressPlus(address, i * 4))) return false;
      if (this.fetchRefused) return true;
      trb[i] = this.fetched;
    }
    this.#owned = (this.fetched & CYCLE) === cycle;
    return true;
  }

  #owned = false;

  /** One command. */
  #command(port: EndpointPort): boolean {
    const state = this.state;
    const at = state.commandAt;
    if (!this.#read(port, at, state.commandCycle)) return false;
    if (!this.#owned) {
      this.operational.set(field['CRCR.CRR'], 0);
      state.commandTime = NEVER;
      return true;
    }
    const [low, high, , control] = this.#trb as unknown as readonly [number, number, number, number];
    const parameter = descriptorAddress(low & ~0xf, high);
    const type = trbType(control);
    if (type === TrbType.link) {
      state.commandAt = parameter;
      if ((control & TOGGLE_CYCLE) !== 0) state.commandCycle ^= CYCLE;
    } else {
      if (!this.#carryOut(port, type, slotOf(control), parameter)) return false;
      const event = (SLOT << 24) | (TrbType.commandCompletion << 10);
      const [eventLow, eventHigh] = [at >>> 0, Math.floor(at / 0x1_0000_0000)];
      if (!this.postEvent(port, eventLow, eventHigh, (this.#completion << 24) >>> 0, event)) return false;
      state.commandAt = addressPlus(at, TRB_BYTES);
    }
    state.commandTime = port.now + COMMAND_TIME;
    return true;
  }

  /** Completion code of the last command. */
  #completion = 0;

  #carryOut(port: EndpointPort, type: number, slot: number, parameter: Address): boolean {
    const state = this.state;
    this.#completion = CompletionCode.success;
    if (type === TrbType.noOpCommand) return true;
    if (type === TrbType.enableSlot) {
      const room = state.slotEnabled === 0 && this.operational.get(field['CONFIG.MAXSLOTSEN']) > 0;
      if (room) state.slotEnabled = 1;
      else this.#completion = CompletionCode.noSlots;
      return true;
    }
    const contexts = type === TrbType.addressDevice || type === TrbType.configureEndpoint;
    if (!contexts && type !== TrbType.disableSlot) {
      this.#completion = CompletionCode.trbError;
      return true;
    }
    if (slot !== SLOT || state.slotEnabled === 0) {
      this.#completion = CompletionCode.slotNotEnabled;
      return true;
    }
    state.transferAt = 0;
    if (contexts) {
      const to = type === TrbType.addressDevice ? SlotState.addressed : SlotState.configured;
      return this.#copyContexts(port, parameter, to);
    }
    state.slotEnabled = 0;
    state.reportTime = NEVER;
    return true;
  }

  /** Carries the contexts that an input context adds over into the device context (xHCI 4.6.5, 4.6.6). */
  #copyContexts(port: EndpointPort, input: Address, slotState: number): boolean {
    if (!this.fetch(port, addressPlus(input, 4))) return false;
    const added = this.fetched;
    const readable = !this.fetchRefused;
    if (!this.#findDevice(port)) return false;
    const device = this.#device;
    if (!readable || device === 0) {
      this.#completion = CompletionCode.parameterError;
      return true;
    }
    for (const index of CONTEXTS) {
      if ((added & (1 << index)) === 0) continue;
      const from = addressPlus(input, (index + 1) * CONTEXT_BYTES);
      const to = addressPlus(device, index * CONTEXT_BYTES);
      for (let i = 0; i < CONTEXT_DWORDS; i++) {
        if (!this.fetch(port, addressPlus(from, i * 4))) return false;
        let value = this.fetched;
        if (index === 0 && i === 3) value = ((value & 0xff) | (slotState << 27)) >>> 0;
        if (index > 0 && i === 0) value = ((value & ~7) | RUNNING) >>> 0;
        if (!this.store(port, addressPlus(to, i * 4), value)) return false;
      }
    }
    return true;
  }

  /** Device context of the slot, by the base address array; 0 if there is none. */
  #device: Address = 0;

  #findDevice(port: EndpointPort): boolean {
    const file = this.operational;
    const entry = addressPlus(descriptorAddress(file.peek32(DCBAAP), file.peek32(DCBAAPU)), SLOT * 8);
    this.#device = 0;
    if (!this.fetch(port, entry)) return false;
    if (this.fetchRefused) return true;
    const low = this.fetched & ~0x3f;
    if (!this.fetch(port, addressPlus(entry, 4))) return false;
    this.#device = descriptorAddress(low, this.fetched);
    return true;
  }

  /** The device reports: data into the next transfer, then an event if the transfer asks for one. */
  #report(port: EndpointPort): boolean {
    const state = this.state;
    if (state.transferAt === 0 && !this.#findRing(port)) return false;
    for (let links = 0; ; links++) {
      // An endpoint without a transfer waits for its doorbell.
      if (state.transferAt === 0 || links > LINKS_PER_REPORT) return this.#endReports();
      if (!this.#read(port, state.transferAt, state.transferCycle)) return false;
      if (!this.#owned) return this.#endReports();
      const control = this.#trb[3] as number;
      if (trbType(control) !== TrbType.link) break;
      state.transferAt = this.#parameter(~0xf);
      if ((control & TOGGLE_CYCLE) !== 0) state.transferCycle ^= CYCLE;
    }
    const at = state.transferAt;
    const control = this.#trb[3] as number;
    const room = (this.#trb[2] as number) & 0x1_ffff;
    const bytes = Math.min(room, this.description.workload.bytesPerUnit);
    if (!this.move(port, true, this.#parameter(~0), bytes)) return false;
    const short = bytes < room;
    if ((control & (INTERRUPT_ON_COMPLETION | (short ? INTERRUPT_ON_SHORT : 0))) !== 0) {
      const code = short ? CompletionCode.shortPacket : CompletionCode.success;
      const status = ((code << 24) | (room - bytes)) >>> 0;
      const event = (SLOT << 24) | (ENDPOINT << 16) | (TrbType.transferEvent << 10);
      if (!this.postEvent(port, at >>> 0, Math.floor(at / 0x1_0000_0000), status, event)) return false;
    }
    state.transferAt = addressPlus(at, TRB_BYTES);
    state.reportTime = this.nextTick(port.now + 1);
    return true;
  }

  #parameter(mask: number): Address {
    return descriptorAddress((this.#trb[0] as number) & mask, this.#trb[1] as number);
  }

  #endReports(): true {
    this.state.reportTime = NEVER;
    return true;
  }

  /** Where the endpoint's transfers begin: base address array, device context, endpoint context (xHCI 6.2.3). */
  #findRing(port: EndpointPort): boolean {
    const state = this.state;
    if (!this.#findDevice(port)) return false;
    if (this.#device === 0) return true;
    const context = addressPlus(this.#device, ENDPOINT * CONTEXT_BYTES);
    if (!this.fetch(port, context)) return false;
    if (this.fetchRefused || (this.fetched & 7) !== RUNNING) return true;
    if (!this.fetch(port, addressPlus(context, 8))) return false;
    const low = this.fetched;
    if (!this.fetch(port, addressPlus(context, 12))) return false;
    state.transferAt = descriptorAddress(low & ~0xf, this.fetched);
    state.transferCycle = low & CYCLE;
    return true;
  }

  #commandRung(): void {
    if (this.operational.get(field['USBCMD.RS']) === 0) return;
    this.operational.set(field['CRCR.CRR'], 1);
    if (this.state.commandTime === NEVER) this.state.commandTime = this.now + COMMAND_TIME;
    this.#schedule(this.now);
  }

  #endpointRung(target: number): void {
    const state = this.state;
    if (target !== ENDPOINT || state.slotEnabled === 0) return;
    if (state.reportTime === NEVER) state.reportTime = this.nextTick(this.now + 1);
    this.#schedule(this.now);
  }

  #commandRingWritten(written: number): void {
    const state = this.state;
    if (this.operational.get(field['CRCR.CRR']) === 1) return;
    state.commandAt = descriptorAddress(written & ~0x3f, Math.floor(state.commandAt / 0x1_0000_0000));
    state.commandCycle = written & CYCLE;
  }

  #commandRingHighWritten(written: number): void {
    if (this.operational.get(field['CRCR.CRR']) === 1) return;
    this.state.commandAt = descriptorAddress(this.state.commandAt >>> 0, written);
  }

  #commandWritten(written: number): void {
    const file = this.operational;
    const state = this.state;
    if ((written & 2) !== 0) {
      this.registerReset();
      return;
    }
    if (state.halted !== 0) file.set(field['USBCMD.RS'], 0);
    const runs = file.get(field['USBCMD.RS']);
    file.set(field['USBSTS.HCH'], 1 - runs);
    if (runs === 0) {
      file.set(field['CRCR.CRR'], 0);
      state.commandTime = NEVER;
      state.stage = Stage.idle;
      state.moved = 0;
    }
    this.#schedule(this.now);
    this.updateLine();
  }
}
