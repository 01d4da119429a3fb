import type { Address, MemoryOwner, RemappingUnit } from '@quiesce/simulation';
import type { Escalation } from '../platform/platform-description.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';

/**
 * Why a request did not get as far as the root complex:
 * - `bus-master-disabled`: Bus Master Enable of the function itself is clear; nothing was sent;
 * - `not-operational`: the function is in reset, absent, powered off, in D3hot, or its link is down; nothing was sent;
 * - `bridge-closed`: a bridge above has Bus Master Enable clear: an Unsupported Request (PCIe 7.5.1.1.3), on a
 *   conventional bus a master abort.
 */
export type StopReason = 'bus-master-disabled' | 'not-operational' | 'bridge-closed';

/** How far an uncorrectable or correctable error goes (PCIe 6.2.2). */
export type ErrorSeverity = 'correctable' | 'nonfatal' | 'fatal';

/** What the machine made of an error. */
export type SystemErrorKind = Exclude<Escalation, 'none'>;

/**
 * Where a system error came from:
 * - `error-message`: an ERR_* message that a root port let through, or SERR# on a root bus; detail 0 correctable,
 *   1 nonfatal, 2 fatal;
 * - `remapping-fault`: a remapping unit refused a memory request; detail is the unit's fault code;
 * - `interrupt-remapping-fault`: a remapping unit refused an interrupt; detail is the unit's fault code;
 * - `master-abort`: a request that nothing claims; detail is 1 for a write, 0 for a read.
 */
export type SystemErrorCause =
  | 'error-message'
  | 'remapping-fault'
  | 'interrupt-remapping-fault'
  | 'master-abort';

/**
 * Everything that happens on the fabric, told as it happens. Called with numbers and long-lived objects only;
 * `repeat` says for how many equal requests a call stands (at least 1). The virtual time is `fabric.now`.
 * An observer must not access the fabric or change memory while it is called.
 */
export interface FabricObserver {
  /**
   * A remapping unit refused a memory request: a write was dropped, a read completed with Unsupported Request.
   * `requesterId` is the one the unit saw (an alias behind a PCIe-to-PCI bridge); `reason` is the unit's own fault
   * code, 0 if the unit refused without a fault (protected memory, abort mode); `entryAddress` the physical address of the table entry that decided, 0 if none was read.
   * `address` is that of the first request, rising by `bytes` (per request) with each repeat.
   */
  dmaRefused(
    fn: PcieFunction,
    requesterId: number,
    address: Address,
    bytes: number,
    write: boolean,
    reason: number,
    repeat: number,
    entryAddress: Address,
    unit: RemappingUnit,
  ): void;
  /**
   * A memory request reached memory, or device registers (`owner` is `mmio`; a peer). `bytes` is the sum over all
   * repeats and lies in one page. `untranslated`: no unit changed the address (no unit covers the function, the unit
   * is off, or it passes the requester through). `unit` is undefined if none covers it.
   */
  dmaReached(
    fn: PcieFunction,
    requesterId: number,
    ioAddress: Address,
    physicalAddress: Address,
    owner: MemoryOwner,
    bytes: number,
    write: boolean,
    untranslated: boolean,
    repeat: number,
    entryAddress: Address,
    unit: RemappingUnit | undefined,
  ): void;
  /** A request did not reach the root complex. `bridge` is the bridge that stopped it, if one did. */
  dmaStopped(
    fn: PcieFunction,
    bridge: PcieFunction | undefined,
    requesterId: number,
    address: Address,
    write: boolean,
    why: StopReason,
    repeat: number,
  ): void;
  /**
   * A request that nothing claims: neither memory nor device registers are at `physicalAddress`, or it is a read of
   * the interrupt window. Writes vanish, reads complete with Unsupported Request.
   */
  unroutable(
    fn: PcieFunction,
    requesterId: number,
    ioAddress: Address,
    physicalAddress: Address,
    write: boolean,
    untranslated: boolean,
    repeat: number,
  ): void;
  /** A message-signalled interrupt went to a processor. `index` is the remapping table entry used, -1 without one. */
  interruptDelivered(
    fn: PcieFunction,
    requesterId: number,
    vector: number,
    destination: number,
    index: number,
    repeat: number,
  ): void;
  /** A remapping unit refused an interrupt. `reason` is the unit's own fault code; `index` -1 if unknown. */
  interruptBlocked(
    fn: PcieFunction,
    requesterId: number,
    address: Address,
    data: number,
    reason: number,
    index: number,
    repeat: number,
    unit: RemappingUnit,
  ): void;
  /**
   * An interrupt that the function wanted to raise never became a message: it is masked, disabled, or stopped
   * like a request. `index` is the function's own interrupt number.
   */
  interruptHeldBack(
    fn: PcieFunction,
    index: number,
    why: StopReason | 'disabled' | 'masked',
    repeat: number,
  ): void;
  /** INTx of `fn` is asserted as pin `rootPin` (1 INTA .. 4 INTD) of the topmost bridge above, or of `fn` itself. */
  intxAsserted(fn: PcieFunction, rootPin: number): void;
  intxDeasserted(fn: PcieFunction, rootPin: number): void;
  /**
   * An ERR_* message arrived at a root port (or event collector). `sourceId` is the requester ID it carries.
   * `interrupt`: the Root Error Command asked for an AER interrupt, which was raised.
   */
  errorMessage(
    rootPort: PcieFunction,
    sourceId: number,
    severity: ErrorSeverity,
    interrupt: boolean,
    repeat: number,
  ): void;
  /**
   * An error reached the core logic and this is what the platform makes of it: `aer-interrupt` is told to the
   * operating system, `serr-nmi` stops what is not prepared for an NMI, `smi-hang` never comes back from firmware.
   * `source` is the function that caused it, undefined if nobody can say.
   */
  systemError(
    kind: SystemErrorKind,
    cause: SystemErrorCause,
    source: PcieFunction | undefined,
    detail: number,
    repeat: number,
  ): void;
}

/** An observer that ignores everything, to be extended by overriding what counts. */
export class SilentObserver implements FabricObserver {
  dmaRefused(..._: Parameters<FabricObserver['dmaRefused']>): void {}
  dmaReached(..._: Parameters<FabricObserver['dmaReached']>): void {}
  dmaStopped(..._: Parameters<FabricObserver['dmaStopped']>): void {}
  unroutable(..._: Parameters<FabricObserver['unroutable']>): void {}
  interruptDelivered(..._: Parameters<FabricObserver['interruptDelivered']>): void {}
  interruptBlocked(..._: Parameters<FabricObserver['interruptBlocked']>): void {}
  interruptHeldBack(..._: Parameters<FabricObserver['interruptHeldBack']>): void {}
  intxAsserted(_fn: PcieFunction, _rootPin: number): void {}
  intxDeasserted(_fn: PcieFunction, _rootPin: number): void {}
  errorMessage(..._: Parameters<FabricObserver['errorMessage']>): void {}
  systemError(..._: Parameters<FabricObserver['systemError']>): void {}
}
