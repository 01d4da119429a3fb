import {
  type DmaRequest,
  type InterruptOutcome,
  newDmaRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  type TranslationOutcome,
} from '@quiesce/simulation';
import { messageIndex, registerOffset, VtdUnit, type WideValue } from '@quiesce/vtd-iommu';
import { type RecordedFault, requestView } from './fault-view.ts';
import { requesterId } from './model-driver.ts';
import { OracleMemory } from './oracle-memory.ts';
import { clearLog } from './reset-steps.ts';
import { type Step, targetPages } from './scenario.ts';
import { type UnitDescription, unitOptions } from './unit-description.ts';

const ENABLES = 0x8280_0000;
const SET_POINTERS = 0x4100_0000;
const QIE = 0x0400_0000;
/** ESRTPS and ESIRTPS: setting a pointer empties the caches, which makes the unit forget on demand. */
const FORGETTING = 0xc000_0000;

/** What an uncached unit does with a request. */
export interface Probed {
  readonly outcome: TranslationOutcome;
  /** Number of the target page, -1 none. */
  readonly target: number;
  /** As {@link requestView}. */
  readonly view: string;
}

/**
 * The model's unit without any memory of its own: every question is answered from the tables alone, or from entries that
 * are laid over them.
 */
export class ProbeUnit {
  /** RTADDR and IRTA as SRTP and SIRTP latched them. */
  root: WideValue = { low: 0, high: 0 };
  table: WideValue = { low: 0, high: 0 };
  readonly #unit: VtdUnit;
  readonly #memory: OracleMemory;
  readonly #request: DmaRequest = newDmaRequest();
  readonly #outcome: TranslationOutcome = newTranslationOutcome();
  readonly #interrupt: InterruptOutcome = newInterruptOutcome();
  #recorded = false;

  /** `more`: bits of ECAP that it has beside those of the description. */
  constructor(description: UnitDescription, memory: OracleMemory, more: WideValue = { low: 0, high: 0 }) {
    const { capability, extendedCapability } = description;
    this.#memory = memory;
    this.#unit = new VtdUnit({
      ...unitOptions(description),
      capability: { low: capability.low, high: (capability.high | FORGETTING) >>> 0 },
      extendedCapability: {
        low: (extendedCapability.low | more.low) >>> 0,
        high: (extendedCapability.high | more.high) >>> 0,
      },
      memory,
      accessFails: OracleMemory.absent,
      onFault: (info) => {
        this.#recorded = info.recorded;
      },
    });
  }

  reset(): void {
    this.#unit.reset('cold');
  }

  /** Whether one of these bits is set in GSTS. */
  enabled(bit: number): boolean {
    return (this.#unit.readRegister32(registerOffset.GSTS) & bit) !== 0;
  }

  /** Software writes a register. The queue and the invalidation commands are left out: there is nothing to invalidate. */
  write(offset: number, value: number): void {
    if (offset === 0x2c || (offset >= 0x80 && offset < 0xb0) || offset === 0xfc) return;
    if (offset === registerOffset.GCMD) {
      if ((value & 0x4000_0000) !== 0) this.root = this.#unit.readWide(registerOffset.RTADDR);
      if ((value & 0x0100_0000) !== 0) this.table = this.#unit.readWide(registerOffset.IRTA);
      this.#unit.writeRegister32(offset, (value & ~QIE) >>> 0);
    } else this.#unit.writeRegister32(offset, value);
  }

  /** A request, with `words` by address in place of what stands in memory. The outcome is valid until the next call. */
  translate(step: Step & { do: 'dma' }, words: ReadonlyMap<number, number> | undefined): Probed {
    this.#forget();
    for (const [address, word] of words ?? []) this.#memory.overlay.set(address, word);
    const request = this.#request;
    request.requesterId = requesterId(step.requester);
    request.write = step.write;
    request.address = step.address;
    request.length = 4;
    const outcome = this.#outcome;
    this.#unit.translate(request, outcome);
    this.#memory.overlay.clear();
    const reached = outcome.address - (outcome.address % 4096);
    const target = outcome.allowed ? targetPages.indexOf(reached) : -1;
    const fault = this.#recorded ? faultOf(step, outcome.reason) : undefined;
    return { outcome, target, view: requestView(target, fault) };
  }

  /** An interrupt message, with `words` in place of its table entry. @returns `vector>destination`, or `none` */
  remap(step: Step & { do: 'interrupt' }, words: readonly number[] | undefined): string {
    this.#forget();
    const at = this.entryAddress(step);
    for (const [i, word] of (words ?? []).entries()) this.#memory.overlay.set(at + 4 * i, word);
    const { address, data } = step;
    this.#unit.remapInterrupt(
      { segment: 0, requesterId: requesterId(step.requester), address, data },
      this.#interrupt,
    );
    this.#memory.overlay.clear();
    const { delivered, vector, destination } = this.#interrupt;
    return delivered ? `${vector}>${destination}` : 'none';
  }

  /** Where the entry stands that a message names. */
  entryAddress(step: Step & { do: 'interrupt' }): number {
    return pointer(this.table) + messageIndex(step.address, step.data) * 16;
  }

  /** Empties the caches and the log, whatever software has written into the registers meanwhile. */
  #forget(): void {
    const unit = this.#unit;
    const root = unit.readWide(registerOffset.RTADDR);
    const table = unit.readWide(registerOffset.IRTA);
    unit.writeWide(registerOffset.RTADDR, this.root.low, this.root.high);
    unit.writeWide(registerOffset.IRTA, this.table.low, this.table.high);
    const enables = unit.readRegister32(registerOffset.GSTS) & ENABLES;
    unit.writeRegister32(registerOffset.GCMD, (enables | SET_POINTERS) >>> 0);
    unit.writeWide(registerOffset.RTADDR, root.low, root.high);
    unit.writeWide(registerOffset.IRTA, table.low, table.high);
    for (const step of clearLog) if (step.do === 'register') unit.writeRegister32(step.offset, step.value);
    this.#recorded = false;
  }
}

/** The record that a request leaves when it is refused for `reason`. */
export function faultOf(step: Step & { do: 'dma' }, reason: number): RecordedFault {
  return {
    reason,
    sourceId: requesterId(step.requester),
    low: (step.address & 0xffff_f000) >>> 0,
    high: Math.floor(step.address / 0x1_0000_0000),
    read: !step.write,
    withPasid: false,
  };
}

/** The page-aligned address in a pointer register. */
export function pointer({ low, high }: WideValue): number {
  return high * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
}
