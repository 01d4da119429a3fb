import type { PcieFunction } from '@quiesce/pcie-model';
import type { PcieCase, Step } from './case.ts';
import type { PairedAccess } from './paired-access.ts';
import type { RegisterWitnesses } from './register-witnesses.ts';
import { resets } from './resets.ts';
import { tree } from './tree.ts';

/** I/O, memory and bus master. */
const ENABLED = 7;
/** Buses and places that are looked at: all that the tree's functions can have, and some that nobody has. */
const SCANNED_BUSES = [...Array.from({ length: 16 }, (_, bus) => bus), 0xff];
const SCANNED_PLACES = [0x00, 0x08, 0x10, 0x18, 0x20, 0xd8];

/** Plays cases: every access on the model at once, and as a command for QEMU with the answer that it must give. */
export class CasePlayer {
  readonly pair: PairedAccess;
  readonly #witnesses: RegisterWitnesses;
  readonly #functions: ReadonlyMap<string, PcieFunction>;
  #looksAtMemory = false;
  /** What was done, by name. */
  tally: Record<string, number> = {};

  constructor(pair: PairedAccess, witnesses: RegisterWitnesses) {
    this.pair = pair;
    this.#witnesses = witnesses;
    const { functions } = pair.model.hierarchy;
    this.#functions = new Map(
      tree.map((one) => {
        const fn = functions.find(({ description: d }) => d.bus === one.bus && d.device === one.device);
        if (fn === undefined) throw new Error(`${one.id} was not found in QEMU`);
        return [one.id, fn];
      }),
    );
  }

  forgetTally(): void {
    this.tally = {};
  }

  /** The functions of the tree, those above first. */
  get functions(): IterableIterator<PcieFunction> {
    return this.#functions.values();
  }

  /** Plays the steps, and looks at what they came to. */
  play(one: PcieCase): void {
    this.#looksAtMemory = one.look === 'memory';
    for (const step of one.steps) this.#step(step);
    for (const id of one.functions) {
      const fn = this.#functions.get(id);
      const bus = fn === undefined ? undefined : this.#busOf(fn);
      if (fn !== undefined && bus !== undefined) this.pair.image(fn, bus);
    }
    if (one.look === 'routing') this.#scan();
    if (one.look === 'memory') {
      for (const { id, bars } of tree) {
        for (const bar of bars) if (bar.witness !== undefined) this.#probe(id, bar.index, 0);
      }
    }
    this.#count(`cases of ${one.look}`);
  }

  /** Compares every function that stands where firmware put it. */
  lookAtAll(): void {
    for (const fn of this.#functions.values()) {
      const bus = this.#busOf(fn);
      if (bus !== undefined) this.pair.image(fn, bus);
    }
    this.#scan();
  }

  #step(step: Step): void {
    const { pair } = this;
    this.#count(step.op);
    switch (step.op) {
      case 'read':
        if (step.way === 'ecam') pair.ecamRead(step.bus, step.devfn, step.offset, step.size);
        else pair.portsRead(step.bus, step.devfn, step.offset, step.size);
        return;
      case 'write':
        if (step.way === 'ecam') pair.ecamWrite(step.bus, step.devfn, step.offset, step.size, step.value);
        else pair.portsWrite(step.bus, step.devfn, step.offset, step.size, step.value);
        return;
      case 'in':
        pair.portIn(step.port, step.size);
        return;
      case 'out':
        pair.portOut(step.port, step.size, step.value);
        return;
      case 'renumber':
        for (const { id } of tree) this.#number(id);
        return;
      case 'number':
        this.#number(step.of, step.secondary, step.subordinate);
        return;
      case 'configure':
        this.#configure(step.of);
        return;
      case 'open': {
        const fn = this.#functions.get(step.of);
        if (fn !== undefined) this.#open(fn);
        return;
      }
      case 'probe':
        this.#probe(step.of, step.bar, step.distance);
        return;
      default: {
        const fn = this.#functions.get(step.of);
        const bus = fn === undefined ? undefined : this.#busOf(fn);
        if (fn !== undefined && bus !== undefined) resets[step.op](pair, fn, bus);
      }
    }
  }

  #number(id: string, secondary?: number, subordinate?: number): void {
    const fn = this.#functions.get(id);
    const planned = tree.find((one) => one.id === id)?.buses;
    const bus = fn === undefined ? undefined : this.#busOf(fn);
    if (fn === undefined || bus === undefined || planned === undefined) return;
    const first = secondary ?? planned[0];
    const last = subordinate ?? planned[1];
    const { file } = fn.config;
    if (secondary === undefined && file.peek8(0x19) === first && file.peek8(0x1a) === last) return;
    this.pair.ecamWrite(bus, fn.devfn, 0x18, 2, bus + first * 0x100);
    this.pair.ecamWrite(bus, fn.devfn, 0x1a, 1, last);
    // QEMU forwards by the windows from before a reset until a register of them is written.
    if (this.#looksAtMemory) this.pair.tellRegister(fn, bus, 0x04);
  }

  #configure(id: string): void {
    const fn = this.#functions.get(id);
    const bus = fn === undefined ? undefined : this.#busOf(fn);
    if (fn === undefined || bus === undefined) return;
    const captured = new DataView(fn.description.config.buffer, fn.description.config.byteOffset);
    const last = fn.isBridge ? 0x2c : 0x24;
    for (let offset = 0x10; offset <= last; offset += 4) {
      // Bus numbers are not part of it.
      if (fn.isBridge && offset === 0x18) continue;
      const value = captured.getUint32(offset, true);
      if (value !== fn.config.file.peek32(offset)) this.pair.ecamWrite(bus, fn.devfn, offset, 4, value);
    }
  }

  #open(fn: PcieFunction): void {
    if (fn.parent !== undefined) this.#open(fn.parent);
    const bus = this.#busOf(fn);
    if (bus === undefined || (fn.config.file.peek8(0x04) & ENABLED) === ENABLED) return;
    this.pair.ecamWrite(bus, fn.devfn, 0x04, 2, ENABLED);
  }

  #scan(): void {
    const { pair } = this;
    for (const bus of SCANNED_BUSES) {
      for (const devfn of SCANNED_PLACES) {
        pair.ecamRead(bus, devfn, 0, 4);
        // The Interrupt Line tells functions apart that have the same IDs.
        if (pair.model.at(bus, devfn) !== undefined) {
          pair.ecamRead(bus, devfn, 0x3c, 1);
          this.#count('places visible');
        }
      }
    }
  }

  #probe(id: string, bar: number, distance: number): void {
    const probe = this.#witnesses.probe(this.pair.model.hierarchy, id, bar, distance);
    if (probe === undefined) return;
    this.#count(probe.outcome);
    if (probe.expected !== undefined) this.pair.probe(probe.at, probe.io, probe.expected);
  }

  /** Bus on which `fn` answers now; undefined if it does not. */
  #busOf(fn: PcieFunction): number | undefined {
    const bus = fn.parent === undefined ? 0 : fn.parent.config.file.peek8(0x19);
    return this.pair.model.at(bus, fn.devfn) === fn ? bus : undefined;
  }

  #count(name: string): void {
    this.tally[name] = (this.tally[name] ?? 0) + 1;
  }
}
