import { QemuProcess } from '@quiesce/qemu-control';
import { registerOffset } from '@quiesce/vtd-iommu';
import { configAddress, machineSetup } from './machine-setup.ts';
import { machineArguments, type Requester, requesters } from './requesters.ts';
import { clearLog, FAULT_RECORD, resetSteps } from './reset-steps.ts';
import {
  type Observation,
  type OwnMessage,
  type Scenario,
  type Step,
  targetContents,
  targetPages,
  type UnitDriver,
} from './scenario.ts';
import { REGISTER_BASE, type UnitDescription } from './unit-description.ts';

/** MSI capability of QEMU's HD audio controller: address, upper address and data follow. */
const MSI = 0x60;
/** An interrupt for a processor that does not exist, sent after each one that is looked at. */
const MARK = { address: 0xfee7_f000, data: 0x50 } as const;
const DELIVERED = /^\(addr 0x([0-9a-f]+), data 0x([0-9a-f]+)\) -> \(addr 0x([0-9a-f]+), data 0x([0-9a-f]+)\)/;
const MARKS_MS = 10_000;
/** Codec verbs of an audio output: set and get stream and channel, eight bits that nothing else depends on. */
const SET_STREAM = 0x0027_0600;
const GET_STREAM = 0x002f_0600;

/** `vtd_irq_generate`. */
const SENT = /^addr 0x([0-9a-f]+) data 0x([0-9a-f]+)/;

/** What the trace told: a mark, a device's message as it went on to the APICs, or one of the unit itself. */
type Traced =
  | { readonly is: 'mark' }
  | { readonly is: 'delivered'; readonly address: number; readonly data: number }
  | { readonly is: 'own'; readonly message: OwnMessage };

/** QEMU's unit as a driver, over qtest. A scenario is sent in one go. */
export class QemuDriver implements UnitDriver {
  readonly #qemu: QemuProcess;
  readonly #mode: number;
  #lines: string[] = [];
  #traced: Traced[] = [];
  /** The unit's own messages that no step has asked for yet. */
  #own: OwnMessage[] = [];
  #marks = 0;
  #marked: (() => void) | undefined;
  #sequence = 0;

  private constructor(qemu: QemuProcess, mode: number) {
    this.#qemu = qemu;
    this.#mode = mode;
    qemu.trace.onEvent((event) => {
      if (event.name === 'vtd_ir_remap_msi') this.#take(event.text);
      else if (event.name === 'vtd_irq_generate') this.#takeOwn(event.text);
    });
  }

  /** Starts QEMU with such a unit. @throws QemuError as {@link QemuProcess.start} */
  static async open(description: UnitDescription): Promise<QemuDriver> {
    const qemu = await QemuProcess.start({
      arguments: machineArguments(description.properties),
      traceEvents: ['vtd_ir_remap_msi', 'vtd_irq_generate'],
    });
    const driver = new QemuDriver(qemu, description.mode);
    driver.#lines.push(...machineSetup());
    for (const [index, page] of targetPages.entries()) {
      const contents = new Uint32Array(1024).fill(targetContents(index + 1));
      const data = Buffer.from(contents.buffer).toString('base64');
      driver.#lines.push(`b64write ${hex(page)} 0x1000 ${data}`);
    }
    driver.#reset([]);
    await qemu.qtest.run(driver.#lines);
    return driver;
  }

  async close(): Promise<void> {
    await this.#qemu.close();
  }

  async play(scenario: Scenario): Promise<readonly Observation[]> {
    this.#lines = [];
    this.#traced = [];
    this.#own = [];
    this.#marks = 0;
    // What the last scenario left in the trace comes before the first mark.
    const traced = scenario.filter((step) => step.do === 'interrupt' || step.do === 'messages').length;
    const marks = traced === 0 ? 0 : traced + 1;
    if (marks > 0) this.#mark();
    const places = scenario.map((step) => this.#add(step));
    this.#reset(scenario);
    const values = await this.#qemu.orEnd(this.#qemu.qtest.run(this.#lines), 120_000, 'a scenario');
    if (this.#marks < marks) {
      const all = new Promise<void>((resolve) => {
        this.#marked = () => {
          if (this.#marks >= marks) resolve();
        };
      });
      await this.#qemu.orEnd(all, MARKS_MS, 'the trace of interrupts');
      this.#marked = undefined;
    }
    if (marks > 0) {
      this.#untilMark();
      this.#own = [];
    }
    return scenario.map((step, i) => this.#observation(step, places[i] as number, values));
  }

  /** Adds the commands of a step. @returns place of the first answer that is looked at */
  #add(step: Step): number {
    const lines = this.#lines;
    switch (step.do) {
      case 'memory':
        if (step.words.length > 16) {
          const data = Buffer.from(Uint32Array.from(step.words).buffer).toString('base64');
          lines.push(`b64write ${hex(step.address)} ${hex(step.words.length * 4)} ${data}`);
        } else {
          for (const [i, word] of step.words.entries()) {
            lines.push(`writel ${hex(step.address + 4 * i)} ${hex(word)}`);
          }
        }
        return lines.length;
      case 'register':
        lines.push(`writel ${hex(REGISTER_BASE + step.offset)} ${hex(step.value)}`);
        return lines.length;
      case 'read':
        return lines.push(`readl ${hex(REGISTER_BASE + step.offset)}`) - 1;
      case 'look':
        return lines.push(`readl ${hex(step.address)}`) - 1;
      case 'messages':
        this.#mark();
        return lines.length;
      case 'dma': {
        const requester = requesters[step.requester] as Requester;
        const place = step.write ? this.#write(requester, step.address) : this.#read(requester, step.address);
        this.#log(step.keep === true);
        return place;
      }
      case 'interrupt': {
        const requester = requesters[step.requester] as Requester;
        this.#message(requester, step.address, step.data);
        this.#mark();
        const place = lines.length;
        this.#log(false);
        return place;
      }
    }
  }

  /** A write of four bytes: an MSI to that address. Its target pages are read, then restored. */
  #write(requester: Requester, address: number): number {
    this.#sequence = (this.#sequence % 0xfff0) + 1;
    this.#message(requester, address, this.#sequence);
    const place = this.#lines.length;
    const offset = address & 0xffc;
    for (const page of targetPages) this.#lines.push(`readl ${hex(page + offset)}`);
    for (const [index, page] of targetPages.entries()) {
      this.#lines.push(`writel ${hex(page + offset)} ${hex(targetContents(index + 1))}`);
    }
    return place;
  }

  /** A read of four bytes: a verb from the command ring, which tells the codec where it was read from. */
  #read({ bar }: Requester, address: number): number {
    const low = address % 0x1_0000_0000;
    const entry = (low & 0x7f) >>> 2;
    this.#lines.push(
      ...immediate(bar, SET_STREAM),
      `writel ${hex(bar + 0x40)} ${hex(low - (low & 0x7f))}`,
      `writel ${hex(bar + 0x44)} ${hex(Math.floor(address / 0x1_0000_0000))}`,
      `writew ${hex(bar + 0x4a)} ${hex((entry - 1) & 0xff)}`,
      `writew ${hex(bar + 0x48)} ${hex(entry)}`,
      ...immediate(bar, GET_STREAM),
    );
    return this.#lines.push(`readl ${hex(bar + 0x64)}`) - 1;
  }

  #message({ routingId, bar }: Requester, address: number, data: number): void {
    const at = configAddress(routingId, MSI + 4);
    this.#lines.push(
      `writel ${hex(at)} ${hex(address % 0x1_0000_0000)}`,
      `writel ${hex(at + 4)} ${hex(Math.floor(address / 0x1_0000_0000))}`,
      `writew ${hex(at + 8)} ${hex(data)}`,
      // Any write of INTCTL sends what is pending, if it is enabled.
      `writel ${hex(bar + 0x20)} 0xc0000000`,
    );
  }

  #mark(): void {
    this.#message(requesters[0] as Requester, MARK.address, MARK.data);
  }

  #log(keep: boolean): void {
    for (const offset of [registerOffset.FSTS, ...[0, 4, 8, 12].map((word) => FAULT_RECORD + word)]) {
      this.#lines.push(`readl ${hex(REGISTER_BASE + offset)}`);
    }
    if (!keep) for (const step of clearLog) this.#add(step);
  }

  #reset(scenario: Scenario): void {
    for (const step of resetSteps(scenario, this.#mode)) this.#add(step);
    const pages = new Set<number>();
    for (const step of scenario) {
      if (step.do !== 'memory' && step.do !== 'look') continue;
      const length = step.do === 'memory' ? step.words.length * 4 : 4;
      const last = step.address + length - 1;
      for (let page = step.address - (step.address % 4096); page <= last; page += 4096) pages.add(page);
    }
    for (const page of pages) this.#lines.push(`memset ${hex(page)} 0x1000 0x0`);
  }

  #observation(step: Step, place: number, values: readonly number[]): Observation {
    switch (step.do) {
      case 'read':
      case 'look':
        return { value: values[place] as number };
      case 'dma': {
        if (!step.write) {
          return { target: (values[place] as number) - 1, log: values.slice(place + 1, place + 6) };
        }
        const end = place + targetPages.length;
        const target = values
          .slice(place, end)
          .findIndex((value, index) => value !== targetContents(index + 1));
        const log = end + targetPages.length;
        return { target, log: values.slice(log, log + 5) };
      }
      case 'interrupt': {
        const message = this.#untilMark();
        const delivered =
          message === undefined ? null : ([message.data & 0xff, apicDestination(message.address)] as const);
        return { delivered, log: values.slice(place, place + 5) };
      }
      case 'messages': {
        this.#untilMark();
        const messages = this.#own;
        this.#own = [];
        return { messages };
      }
      default:
        return {};
    }
  }

  /** Takes what was traced up to the next mark. @returns the device's message in it that was delivered, if there is one */
  #untilMark(): (Traced & { is: 'delivered' }) | undefined {
    let delivered: (Traced & { is: 'delivered' }) | undefined;
    for (;;) {
      const one = this.#traced.shift();
      if (one === undefined || one.is === 'mark') return delivered;
      if (one.is === 'own') this.#own.push(one.message);
      else delivered = one;
    }
  }

  #take(text: string): void {
    const match = DELIVERED.exec(text);
    if (match === null) return;
    const [from, fromData, address, data] = numbers(match);
    if (from === MARK.address && fromData === MARK.data) {
      this.#marks++;
      this.#traced.push({ is: 'mark' });
      this.#marked?.();
    } else this.#traced.push({ is: 'delivered', address: address as number, data: data as number });
  }

  #takeOwn(text: string): void {
    const match = SENT.exec(text);
    if (match === null) return;
    const [address, data] = numbers(match);
    this.#traced.push({ is: 'own', message: [address as number, data as number] });
  }
}

function numbers(match: RegExpExecArray): number[] {
  return match.slice(1).map((word) => Number.parseInt(word, 16));
}

/** Bits 19:12, and with extended interrupt mode bits 63:40 on top. */
function apicDestination(address: number): number {
  const high = Math.floor(address / 0x1_0000_0000);
  return ((high & 0xffff_ff00) | ((address >>> 12) & 0xff)) >>> 0;
}

function immediate(bar: number, verb: number): string[] {
  return [`writel ${hex(bar + 0x60)} ${hex(verb)}`, `writew ${hex(bar + 0x68)} 0x1`];
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
