import type { Address, Nanoseconds, RemappingUnit } from '@quiesce/simulation';
import type { EcamWindow } from '../config-access/ecam-window.ts';
import type { Type1Mechanism } from '../config-access/type1-mechanism.ts';
import type { FunctionInterrupts } from '../interrupt/function-interrupts.ts';
import { isBusMaster } from '../request/upstream-path.ts';
import type { FunctionDescription } from '../topology/function-description.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';

/** Bytes of a CPU's access to a device. */
export type CpuAccessSize = 1 | 2 | 4;

/** What the CPU's accesses meet. */
export interface CpuAccessParts {
  readonly hierarchy: PcieHierarchy;
  readonly units: readonly RemappingUnit[];
  readonly interrupts: readonly FunctionInterrupts[];
  readonly ecam: readonly EcamWindow[];
  readonly type1: Type1Mechanism;
  readonly clock: { readonly now: Nanoseconds };
}

/**
 * The CPU's side of memory-mapped and port I/O: registers of remapping units, ECAM windows, MSI-X tables and device
 * registers behind the bridges' windows as they are programmed now. Nothing else answers: reads give all ones,
 * writes vanish, 0xFEExxxxx included, which is the processor's own.
 */
export class CpuAccess {
  readonly #parts: CpuAccessParts;
  readonly #hasDefects: boolean;

  constructor(parts: CpuAccessParts) {
    this.#parts = parts;
    this.#hasDefects = parts.hierarchy.functions.some(({ description }) => isGating(description));
  }

  mmioRead(address: Address, size: CpuAccessSize): number {
    const unit = this.#unitAt(address);
    if (unit !== undefined)
      return part(unit.readRegister32((address - unit.registerBase) & ~3), address, size);
    const { ecam, hierarchy, interrupts, clock } = this.#parts;
    for (const window of ecam) if (window.claims(address)) return window.readAddress(address, size);
    const target = hierarchy.routeMemory(address);
    if (target === undefined) return ones(size);
    const { fn, bar, offset } = target;
    if (this.#hasDefects && this.#isSwallowed(fn, true)) return ones(size);
    const table = interrupts[fn.index]?.msiX?.table;
    if (table?.covers(bar, offset) === true) return part(table.read32(bar, offset), offset, size);
    return fn.engine === undefined ? ones(size) : fn.engine.readRegister(bar, offset, size, clock.now);
  }

  /** A remapping unit takes aligned dwords only; other writes to it are dropped (VT-d 10.2 leaves them undefined). */
  mmioWrite(address: Address, size: CpuAccessSize, value: number): void {
    const unit = this.#unitAt(address);
    if (unit !== undefined) {
      if (size === 4 && address % 4 === 0) unit.writeRegister32(address - unit.registerBase, value >>> 0);
      return;
    }
    const { ecam, hierarchy, interrupts, clock } = this.#parts;
    for (const window of ecam) {
      if (!window.claims(address)) continue;
      window.writeAddress(address, size, value);
      return;
    }
    const target = hierarchy.routeMemory(address);
    if (target === undefined) return;
    const { fn, bar, offset } = target;
    if (this.#hasDefects && this.#isSwallowed(fn, false)) return;
    const own = interrupts[fn.index];
    const table = own?.msiX?.table;
    if (own !== undefined && table?.covers(bar, offset) === true) {
      const shift = (offset & 3) * 8;
      table.write32(bar, offset, value << shift, (size === 4 ? -1 : (1 << (size * 8)) - 1) << shift);
      own.registersWritten();
      return;
    }
    fn.engine?.writeRegister(bar, offset, size, value, clock.now);
  }

  ioRead(port: number, size: CpuAccessSize): number {
    const { type1, hierarchy } = this.#parts;
    if (type1.claims(port)) return type1.in(port, size);
    const target = hierarchy.routeIo(port);
    if (target?.fn.engine === undefined) return ones(size);
    if (this.#hasDefects && this.#isSwallowed(target.fn, true)) return ones(size);
    return target.fn.engine.readRegister(target.bar, target.offset, size, this.#parts.clock.now);
  }

  ioWrite(port: number, size: CpuAccessSize, value: number): void {
    const { type1, hierarchy } = this.#parts;
    if (type1.claims(port)) {
      type1.out(port, size, value);
      return;
    }
    const target = hierarchy.routeIo(port);
    if (target !== undefined && this.#hasDefects && this.#isSwallowed(target.fn, true)) return;
    target?.fn.engine?.writeRegister(target.bar, target.offset, size, value, this.#parts.clock.now);
  }

  /** A bridge above keeps the access to itself. For the answer of one that is not posted the CPU waits for ever. */
  #isSwallowed(fn: PcieFunction, nonPosted: boolean): boolean {
    for (let bridge = fn.parent; bridge !== undefined; bridge = bridge.parent) {
      if (!isGating(bridge.description) || isBusMaster(bridge)) continue;
      if (nonPosted) this.#parts.hierarchy.machineHung ??= { name: bridge.name, cause: 'downstream-access' };
      return true;
    }
    return false;
  }

  #unitAt(address: Address): RemappingUnit | undefined {
    for (const unit of this.#parts.units) {
      if (address >= unit.registerBase && address < unit.registerBase + unit.registerSize) return unit;
    }
    return undefined;
  }
}

function isGating({ defects }: FunctionDescription): boolean {
  return defects?.includes('bus-master-gates-downstream') === true;
}

function ones(size: CpuAccessSize): number {
  return 2 ** (size * 8) - 1;
}

/** Bytes of an aligned dword as a smaller access sees them. */
function part(dword: number, address: Address, size: CpuAccessSize): number {
  return size === 4 ? dword : (dword >>> ((address % 4) * 8)) & ones(size);
}
