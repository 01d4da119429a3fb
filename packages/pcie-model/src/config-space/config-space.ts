import {
  type AccessSize,
  type Field,
  RegisterFile,
  type RegisterFileState,
  type RegisterLayout,
  type RunningHash,
  type Snapshottable,
} from '@quiesce/simulation';
import { barKind, barRegisters } from './bar-registers.ts';
import { CapabilityId, ExtendedCapabilityId } from './capability-id.ts';
import { capabilityLayouts } from './capability-layouts.ts';
import { type ListedCapability, listCapabilities } from './capability-list.ts';
import { CORE_LOGIC_MASK, coreLogicErrorMask, hasCoreLogicMask } from './core-logic-mask.ts';
import { ehciLegacySupport, placeEhciLegacySupport } from './ehci-legacy-support.ts';
import { PortType } from './express-kind.ts';
import {
  containmentHardwareState,
  errorHardwareState,
  expressHardwareState,
  forgetHardwareState,
  headerHardwareState,
  rootErrorHardwareState,
} from './hardware-state.ts';
import {
  commonHeader,
  conventionalBridgeControl,
  conventionalHeader,
  type0Header,
  type1Header,
} from './header-registers.ts';
import { windowLayouts } from './window-layouts.ts';

/** A capability and the layouts laid over it; none if it is not known here: its bytes are then read-only. */
export interface PlacedCapability extends ListedCapability {
  readonly layouts: readonly RegisterLayout[];
}

export interface ConfigSpaceOptions {
  /** A virtual function: its own BARs are read-only zeros, it decodes by those of its physical function. */
  readonly virtual?: boolean;
  /** Where the legacy support of an EHCI controller stands, a multiple of 4 from 40h to F8h; none unless given. */
  readonly ehciLegacySupport?: number;
}

const keep = { keepValues: true } as const;

/**
 * The config space of one function: 256 or 4,096 bytes behind declared layouts. It begins with the captured values.
 * A reset gives RO and HwInit fields back as captured and every other field its declared reset value.
 */
export class ConfigSpace implements Snapshottable<RegisterFileState> {
  readonly file: RegisterFile;
  readonly size: 256 | 4096;
  readonly capabilities: readonly PlacedCapability[];
  /** Bytes of each of the six BARs (two of a bridge), 0 where none is or its size is unknown. */
  readonly barSizes: readonly number[];
  /** What was wrong with the captured bytes. */
  readonly notes: readonly string[];
  /** Offset of the PCI Express capability, 0 without it; likewise the others. */
  readonly express: number;
  readonly powerManagement: number;
  readonly msi: number;
  readonly msix: number;
  readonly aer: number;
  readonly ats: number;
  readonly sriov: number;
  readonly pasid: number;
  readonly containment: number;
  /** Device/Port Type of the PCI Express capability, undefined for a conventional function. */
  readonly portType: number | undefined;
  /** Header type without the multifunction bit: 0 endpoint, 1 bridge. */
  readonly headerType: number;

  /**
   * `captured`: up to 4,096 bytes; 256 or less give a space of 256 bytes, what is missing is 0.
   * Throws `BAR_SIZE` for a size that no BAR can have.
   */
  constructor(captured: Uint8Array, barSizes: readonly number[] = [], options: ConfigSpaceOptions = {}) {
    this.size = captured.length > 256 ? 4096 : 256;
    const bytes = new Uint8Array(this.size);
    bytes.set(captured.subarray(0, this.size));
    this.file = new RegisterFile(this.size, bytes);
    const list = listCapabilities(bytes);
    this.notes = list.notes;
    this.headerType = (bytes[0x0e] as number) & 0x7f;
    this.express = find(list.capabilities, CapabilityId.express, false);
    this.portType = this.express === 0 ? undefined : (bytes[this.express + 2] as number) >>> 4;
    this.capabilities = list.capabilities.map((one) => ({
      ...one,
      layouts: this.#placeable(one, list.capabilities, bytes),
    }));
    this.powerManagement = this.findCapability(CapabilityId.powerManagement);
    this.msi = this.findCapability(CapabilityId.msi);
    this.msix = this.findCapability(CapabilityId.msix);
    this.aer = this.findExtendedCapability(ExtendedCapabilityId.advancedErrorReporting);
    this.ats = this.findExtendedCapability(ExtendedCapabilityId.addressTranslationServices);
    this.sriov = this.findExtendedCapability(ExtendedCapabilityId.singleRootIoVirtualization);
    this.pasid = this.findExtendedCapability(ExtendedCapabilityId.processAddressSpaceId);
    this.containment = this.findExtendedCapability(ExtendedCapabilityId.downstreamPortContainment);
    this.barSizes = this.#placeHeader(bytes, barSizes, options.virtual === true);
    for (const capability of this.capabilities) {
      for (const layout of capability.layouts) this.file.place(layout, capability.offset, keep);
    }
    const { ehciLegacySupport: legacy = 0 } = options;
    if (this.#hasRoomFor(legacy, ehciLegacySupport.size)) placeEhciLegacySupport(this.file, legacy);
    if (hasCoreLogicMask(bytes)) this.file.place(coreLogicErrorMask, CORE_LOGIC_MASK, keep);
    this.#forgetHardwareState(bytes);
  }

  /** Offset of the first capability with this ID, 0 without. */
  findCapability(id: number): number {
    return find(this.capabilities, id, false);
  }

  /** Offset of the first extended capability with this ID, 0 without. */
  findExtendedCapability(id: number): number {
    return find(this.capabilities, id, true);
  }

  /** Hardware reads a field of a layout placed at `base` (0 for the header). */
  get(field: Field, base = 0): number {
    return this.file.get(field, base);
  }

  /** Hardware writes a field; no mask, no hook. */
  set(field: Field, value: number, base = 0): void {
    this.file.set(field, value, base);
  }

  /** Software reads; all ones beyond the end. */
  read(offset: number, size: AccessSize): number {
    return this.file.read(offset, size);
  }

  /** Software writes, through the masks. */
  write(offset: number, size: AccessSize, value: number): void {
    this.file.write(offset, size, value);
  }

  snapshot(): RegisterFileState {
    return this.file.snapshot();
  }

  restore(state: RegisterFileState): void {
    this.file.restore(state);
  }

  hashInto(hash: RunningHash): void {
    this.file.hashInto(hash);
  }

  #placeable(
    capability: ListedCapability,
    all: readonly ListedCapability[],
    bytes: Uint8Array,
  ): readonly RegisterLayout[] {
    // Damaged captures have capabilities inside each other: nothing is laid over the head of the next one.
    let end: number = capability.extended ? this.size : 256;
    for (const { offset } of all) if (offset > capability.offset) end = Math.min(end, offset);
    return capabilityLayouts(capability, bytes, this.portType).filter(
      (layout) => capability.offset + layout.size <= end,
    );
  }

  /** Nothing but registers of the device itself stands there. */
  #hasRoomFor(offset: number, size: number): boolean {
    if (offset < 0x40 || offset + size > 256 || offset % 4 !== 0) return false;
    return this.capabilities.every(({ extended, offset: at, layouts }) => {
      const end = at + Math.max(2, ...layouts.map((layout) => layout.size));
      return extended || end <= offset || at >= offset + size;
    });
  }

  #forgetHardwareState(captured: Uint8Array): void {
    const file = this.file;
    forgetHardwareState(file, captured, 0, headerHardwareState);
    if (this.express !== 0) forgetHardwareState(file, captured, this.express, expressHardwareState);
    if (this.aer !== 0) {
      forgetHardwareState(file, captured, this.aer, errorHardwareState);
      if (this.portType === PortType.rootPort || this.portType === PortType.eventCollector) {
        forgetHardwareState(file, captured, this.aer, rootErrorHardwareState);
      }
    }
    if (this.containment !== 0) {
      forgetHardwareState(file, captured, this.containment, containmentHardwareState);
    }
  }

  #placeHeader(bytes: Uint8Array, given: readonly number[], virtual: boolean): readonly number[] {
    const file = this.file;
    file.place(commonHeader, 0, keep);
    if (this.express === 0) file.place(conventionalHeader, 0, keep);
    const bars = this.headerType === 0 ? 6 : this.headerType === 1 ? 2 : 0;
    if (this.headerType === 0) file.place(type0Header, 0, keep);
    if (this.headerType === 1) {
      file.place(type1Header, 0, keep);
      for (const layout of windowLayouts(bytes)) file.place(layout, 0, keep);
      const toPci = this.portType === PortType.toPciBridge || this.portType === PortType.fromPciBridge;
      const conventional = this.express === 0 || toPci;
      if (conventional) file.place(conventionalBridgeControl, 0, keep);
    }
    if (virtual) return Array.from({ length: bars }, (_, bar) => given[bar] ?? 0);
    const sizes: number[] = [];
    for (let bar = 0; bar < bars; bar++) {
      const at = 0x10 + bar * 4;
      const kind = barKind(bytes[at] as number);
      const size = given[bar] ?? 0;
      const wide = kind === 'memory-64' && bar + 1 < bars;
      file.place(barRegisters(wide ? kind : kind === 'io' ? 'io' : 'memory-32', size), at, keep);
      sizes.push(size);
      if (wide) {
        sizes.push(0);
        bar++;
      }
    }
    return sizes;
  }
}

function find(list: readonly ListedCapability[], id: number, extended: boolean): number {
  for (const one of list) if (one.id === id && one.extended === extended) return one.offset;
  return 0;
}
