import {
  AmdControl,
  amdInterruptMessage,
  amdRegister,
  DeviceTable,
  deviceTablePages,
  IoPageTable,
} from '@quiesce/amd-iommu';
import type { Address } from '@quiesce/simulation';
import type { AdoptedDomain, RemappingUnitHandle } from '@quiesce/strategy';
import type { FaultPrinter } from '../../log/fault-printer.ts';
import { amdRemappingOf } from '../../profile/amd-eras.ts';
import { IovaSpace } from '../iova-space.ts';
import type { DmaIdentity, HandledFault, KernelRemapping } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { amdTableStorage, attachAmdDomain, mapInAmdDomain } from './amd-domains.ts';
import { AmdUnitDriver } from './amd-unit-driver.ts';
import { type AmdUnitState, newAmdUnitState } from './amd-unit-state.ts';
import { remapInterrupt } from './device-interrupts.ts';
import { blockUnattached, presentDeviceTable } from './device-tables.ts';
import { earlyEnable } from './early-enable.ts';
import { eventLine, takeEvents } from './event-records.ts';

/** The AMD driver of one kernel over all units. */
export class AmdRemapping implements KernelRemapping {
  readonly units: readonly RemappingUnitHandle[];
  readonly #host: RemappingHost;
  readonly #states: AmdUnitState[];
  readonly #printer: FaultPrinter;
  #initialised = false;
  #remapsInterrupts = false;

  constructor(host: RemappingHost, printer: FaultPrinter) {
    this.#host = host;
    this.#printer = printer;
    this.units = host.units;
    this.#states = host.units.map((handle) => newAmdUnitState(new AmdUnitDriver(handle, host)));
  }

  get remapsInterrupts(): boolean {
    return this.#remapsInterrupts;
  }

  disableOnCrash(): void {
    for (const { driver } of this.#states) driver.disable();
  }

  enableInterruptRemapping(): void {
    for (const unit of this.#states) this.#enable(unit, true);
    if (this.#remapsInterrupts) this.#host.log('AMD-Vi: Interrupt remapping enabled');
  }

  enableInterruptRemappingOf(handle: RemappingUnitHandle): void {
    this.#enable(this.#state(handle), true);
  }

  /** With `amd_iommu=off` units that are on are switched off (`disable_iommus`). */
  #enable(unit: AmdUnitState, interrupts: boolean): void {
    if (!this.#host.profile.remapping.enabled) {
      if (unit.driver.translationOn) unit.driver.disable();
      return;
    }
    earlyEnable(this.#host, unit, this.#states.indexOf(unit), interrupts);
    if (interrupts) this.#remapsInterrupts = true;
  }

  initialise(): void {
    for (const unit of this.#states) this.#initialise(unit);
  }

  initialiseUnit(handle: RemappingUnitHandle): void {
    this.#initialise(this.#state(handle));
  }

  /** `amd_iommu_init_pci` and after it, when functions are known. */
  #initialise(unit: AmdUnitState): void {
    const host = this.#host;
    // Interrupt remapping may have been declined: then all of it comes now.
    if (!unit.enabled) this.#enable(unit, false);
    const { table } = unit;
    if (table === undefined) return;
    blockUnattached(host, table);
    unit.driver.flushAll(unit.lastRequesterId);
    unit.driver.set(AmdControl.eventInterrupt, true);
    unit.handlesEvents = true;
    if (!host.profile.remapping.eagerDomains || unit.deferred) return;
    for (const identity of host.identities()) {
      if (covers(unit, identity)) attachAmdDomain(host, unit, identity);
    }
  }

  finishInitialisation(): void {
    this.#initialised = this.#host.profile.remapping.enabled;
  }

  mapDma(identity: DmaIdentity, physical: Address, bytes: number): Address | undefined {
    const unit = this.#initialised ? this.#stateFor(identity) : undefined;
    if (unit?.table === undefined) return physical;
    const domain = attachAmdDomain(this.#host, unit, identity);
    if (domain === undefined) return undefined;
    return mapInAmdDomain(this.#host, domain, identity, physical, bytes);
  }

  interruptMessage(
    identity: DmaIdentity,
    vector: number,
    destination = 0,
  ): { address: Address; data: number } {
    const unit = this.#stateFor(identity);
    if (unit?.table === undefined || !this.#remapsInterrupts) {
      return { address: 0xfee0_0000 + (destination & 0xff) * 0x1000, data: vector };
    }
    const requesterId = identity.requesterIds[0] as number;
    return amdInterruptMessage(remapInterrupt(this.#host, unit, requesterId, vector, destination));
  }

  domainIdOf(identity: DmaIdentity): number | null {
    const unit = this.#stateFor(identity);
    const table = unit === undefined ? undefined : presentDeviceTable(this.#host, unit);
    const requesterId = identity.requesterIds[0] as number;
    if (table === undefined || requesterId >= table.entries) return null;
    const entry = table.entry(requesterId);
    return entry.valid && entry.translationValid && entry.domainId !== 0 ? entry.domainId : null;
  }

  handleFaults(): HandledFault[] {
    const result: HandledFault[] = [];
    const { messages } = amdRemappingOf(this.#host.profile);
    for (const { driver, handlesEvents } of this.#states) {
      if (!handlesEvents) continue;
      for (const { event, fault } of takeEvents(this.#host, driver)) {
        const known = this.#host
          .identities()
          .find(
            ({ segment, requesterIds }) =>
              segment === driver.handle.segment && requesterIds.at(-1) === event.requesterId,
          );
        this.#printer.line(eventLine(messages, event, known?.name), 'amd_iommu_report_page_fault');
        result.push(fault);
      }
    }
    return result;
  }

  invalidateTranslations(handle: RemappingUnitHandle): void {
    const { driver, lastRequesterId } = this.#state(handle);
    if (!driver.ready) driver.startRings();
    driver.flushAll(lastRequesterId);
  }

  invalidateInterruptEntries(handle: RemappingUnitHandle): void {
    this.invalidateTranslations(handle);
  }

  /** The device table is this one, of the size that the unit's register says. */
  adoptRootTable(handle: RemappingUnitHandle, root: { address: Address; scalable: boolean }): void {
    const unit = this.#state(handle);
    const { memory } = this.#host.pages;
    const pages = deviceTablePages(handle.read32(amdRegister.deviceTable));
    unit.table = new DeviceTable({ memory, writer: this.#host.writer, address: root.address, pages });
    this.#goOn(unit);
    unit.enabled = true;
    unit.deferred = true;
  }

  /** Interrupt tables hang on the device table: what it names stays in use until a driver asks for an interrupt. */
  adoptInterruptTable(handle: RemappingUnitHandle): void {
    const unit = this.#state(handle);
    unit.table ??= presentDeviceTable(this.#host, unit);
    unit.enabled = unit.table !== undefined;
    this.#goOn(unit);
    unit.deferred = unit.enabled;
    this.#remapsInterrupts = unit.enabled;
  }

  /** Who goes on with the table that the unit uses goes on with its rings, too: base registers may be locked. */
  #goOn(unit: AmdUnitState): void {
    if (unit.driver.ready || unit.table === undefined) return;
    if (unit.table.address === presentDeviceTable(this.#host, unit)?.address) unit.driver.adoptRings();
  }

  reserveDomainId(handle: RemappingUnitHandle, domainId: number): void {
    this.#state(handle).usedDomainIds.add(domainId);
  }

  adoptEntry(handle: RemappingUnitHandle, entry: { requesterId: number; domainId: number }): void {
    const unit = this.#state(handle);
    unit.usedDomainIds.add(entry.domainId);
    unit.deferred = true;
  }

  adoptDomain(domain: AdoptedDomain): void {
    const unit = this.#state(domain.unit);
    unit.usedDomainIds.add(domain.domainId);
    unit.adoptable.set(domain.requesterId, {
      id: domain.domainId,
      table: new IoPageTable({
        ...amdTableStorage(this.#host),
        levels: domain.levels,
        root: domain.pageTableRoot,
      }),
      iova: new IovaSpace(domain.reserved),
    });
  }

  #state(handle: RemappingUnitHandle): AmdUnitState {
    const found = this.#states.find((unit) => unit.driver.handle.name === handle.name);
    if (found === undefined) throw new TypeError(`there is no unit ${handle.name}`);
    return found;
  }

  #stateFor(identity: DmaIdentity): AmdUnitState | undefined {
    return this.#states.find((unit) => covers(unit, identity));
  }
}

function covers({ driver }: AmdUnitState, { segment, requesterIds }: DmaIdentity): boolean {
  return driver.handle.segment === segment && driver.handle.covers(requesterIds[0] as number);
}
