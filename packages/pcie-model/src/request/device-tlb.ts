import { type Address, PAGE_SIZE, type RunningHash, type Snapshottable } from '@quiesce/simulation';
import { addressTranslationServices } from '../config-space/address-translation.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';

const { 'CONTROL.ENABLE': ENABLE } = addressTranslationServices.field;
/** Entries; the oldest gives way. */
const CAPACITY = 256;
const READ = 1;
const WRITE = 2;

/** Triples of I/O page number, frame number and permissions, oldest first. */
export type DeviceTlbState = readonly number[];

interface Entry {
  readonly frame: number;
  readonly allows: number;
}

/**
 * Translations that a function keeps for itself (PCIe 10.1): they outlive every change of the tables, until the unit
 * invalidates them, software disables ATS, or the function is reset.
 */
export class DeviceTlb implements Snapshottable<DeviceTlbState> {
  readonly #fn: PcieFunction;
  readonly #entries = new Map<number, Entry>();

  /** Undefined for a function that has no ATS capability or does not use it. */
  static of(fn: PcieFunction): DeviceTlb | undefined {
    return fn.config.ats !== 0 && fn.description.endpoint.traits.usesAts ? new DeviceTlb(fn) : undefined;
  }

  constructor(fn: PcieFunction) {
    this.#fn = fn;
    fn.config.file.onWrite(fn.config.ats + ENABLE.offset, 16, () => {
      if (!this.enabled) this.#entries.clear();
    });
  }

  get enabled(): boolean {
    return this.#fn.config.get(ENABLE, this.#fn.config.ats) === 1;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Translated address, -1 without a translation that allows this. */
  find(address: Address, write: boolean): Address {
    const entry = this.#entries.get(Math.floor(address / PAGE_SIZE));
    if (entry === undefined || (entry.allows & (write ? WRITE : READ)) === 0) return -1;
    return entry.frame * PAGE_SIZE + (address % PAGE_SIZE);
  }

  add(address: Address, physical: Address, write: boolean): void {
    const page = Math.floor(address / PAGE_SIZE);
    const frame = Math.floor(physical / PAGE_SIZE);
    const old = this.#entries.get(page);
    const kept = old?.frame === frame ? old.allows : 0;
    if (old === undefined && this.#entries.size >= CAPACITY) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(page, { frame, allows: kept | (write ? WRITE : READ) });
  }

  /** The unit invalidates `bytes` from `address` on. */
  invalidate(address: Address, bytes: number): void {
    const first = Math.floor(address / PAGE_SIZE);
    const end = Math.ceil((address + bytes) / PAGE_SIZE);
    for (const page of [...this.#entries.keys()]) if (page >= first && page < end) this.#entries.delete(page);
  }

  reset(): void {
    this.#entries.clear();
  }

  snapshot(): DeviceTlbState {
    return [...this.#entries].flatMap(([page, { frame, allows }]) => [page, frame, allows]);
  }

  restore(state: DeviceTlbState): void {
    this.#entries.clear();
    for (let i = 0; i < state.length; i += 3) {
      this.#entries.set(state[i] as number, {
        frame: state[i + 1] as number,
        allows: state[i + 2] as number,
      });
    }
  }

  hashInto(hash: RunningHash): void {
    for (const value of this.snapshot()) hash.number(value);
  }
}
