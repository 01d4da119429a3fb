import {
  type EcamWindow,
  type FunctionDescription,
  PcieFabric,
  type PcieFunction,
  PcieHierarchy,
  type PcieHierarchyState,
  SilentObserver,
} from '@quiesce/pcie-model';
import { millisecond, PhysicalMemory } from '@quiesce/simulation';
import { ECAM_BASE } from './firmware.ts';

/** Longer than any reset and any link takes: QEMU's take no time at all. */
const SETTLE = 200 * millisecond;

/** The model of the tree, made of what was read out of QEMU. */
export class ModelTree {
  readonly hierarchy: PcieHierarchy;
  readonly fabric: PcieFabric;
  readonly ecam: EcamWindow;
  now = 0;
  readonly #base: PcieHierarchyState;
  readonly #baseBytes: readonly Uint32Array[];

  constructor(functions: readonly FunctionDescription[]) {
    this.hierarchy = new PcieHierarchy({
      functions,
      rootComplexes: [{ segment: 0, firstBus: 0, lastBus: 255, ecamBase: ECAM_BASE }],
      now: () => this.now,
    });
    this.fabric = new PcieFabric({
      hierarchy: this.hierarchy,
      memory: new PhysicalMemory([{ start: 0, end: 0x400_0000, owner: 'first-kernel' }]),
      unitFor: () => undefined,
      platform: { systemError: 'none', remappingFault: 'none', masterAbortIsSystemError: false },
      observer: new SilentObserver(),
      clock: this,
    });
    this.ecam = this.fabric.ecam[0] as EcamWindow;
    this.#base = this.hierarchy.snapshot();
    this.#baseBytes = this.hierarchy.functions.map((fn) => words(fn));
  }

  /** Lets resets end and links come up. */
  settle(): void {
    this.now += SETTLE;
  }

  /** As firmware left it. */
  restore(): void {
    this.hierarchy.restore(this.#base);
    this.fabric.type1.restore(0);
    this.now = 0;
  }

  /**
   * Dwords of config space in which `fn` is no longer as firmware left it: offset and the value of then.
   * `ignored`: by byte, bits that do not count.
   */
  changesOf(fn: PcieFunction, ignored?: Uint8Array): { readonly offset: number; readonly value: number }[] {
    const changes: { offset: number; value: number }[] = [];
    const base = this.#baseBytes[fn.index] as Uint32Array;
    const file = fn.config.file;
    for (let index = 0; index < base.length; index++) {
      const value = base[index] as number;
      const differing = file.peek32(index * 4) ^ value;
      if (differing === 0) continue;
      const mask = ignored === undefined ? 0 : new DataView(ignored.buffer).getUint32(index * 4, true);
      if ((differing & ~mask) !== 0) changes.push({ offset: index * 4, value });
    }
    return changes;
  }

  /** Who answers a configuration request for a byte of the ECAM window. */
  at(bus: number, devfn: number): PcieFunction | undefined {
    return this.hierarchy.visibleAt(0, bus, devfn >>> 3, devfn & 7);
  }
}

function words(fn: PcieFunction): Uint32Array {
  const { file } = fn.config;
  return Uint32Array.from({ length: file.size / 4 }, (_, index) => file.peek32(index * 4));
}
