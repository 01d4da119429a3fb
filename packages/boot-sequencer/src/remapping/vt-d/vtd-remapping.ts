import type { Address } from '@quiesce/simulation';
import type { AdoptedDomain, RemappingUnitHandle } from '@quiesce/strategy';
import {
  compatibilityMessage,
  InterruptTable,
  RootTable,
  remappableMessage,
  remappedInterruptEntry,
  rootTableMode,
  SCALABLE_MODE,
  SecondLevelTable,
} from '@quiesce/vtd-iommu';
import type { FaultPrinter } from '../../log/fault-printer.ts';
import { IovaSpace } from '../iova-space.ts';
import type { DmaIdentity, HandledFault, KernelRemapping } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { domainIdInTables } from './domain-lookup.ts';
import { attachDomain, mapForDevice } from './domains.ts';
import { takeFaultRecords } from './fault-records.ts';
import { enableInterruptRemapping } from './interrupt-setup.ts';
import { ENABLE_BITS, Global, VTD } from './register-offsets.ts';
import { tableStorage } from './table-storage.ts';
import { covers, initialiseTranslation } from './translation-setup.ts';
import { UnitDriver } from './unit-driver.ts';
import { newUnitState, type UnitState } from './unit-state.ts';

/** The VT-d driver of one kernel over all units. */
export class VtdRemapping implements KernelRemapping {
  readonly units: readonly RemappingUnitHandle[];
  readonly #host: RemappingHost;
  readonly #states: UnitState[];
  readonly #printer: FaultPrinter;
  #initialised = false;

  constructor(host: RemappingHost, printer: FaultPrinter) {
    this.#host = host;
    this.#printer = printer;
    this.units = host.units;
    this.#states = host.units.map((handle) => {
      const driver = new UnitDriver(handle, host.pages, host.writer, (what) => host.panic(what));
      if (host.profile.remapping.shadowSynced) driver.syncShadow();
      return newUnitState(driver);
    });
  }

  disableOnCrash(): void {
    for (const { driver } of this.#states) {
      driver.invalidateEverything();
      driver.disable(ENABLE_BITS);
    }
  }

  enableInterruptRemapping(): void {
    for (const unit of this.#states) enableInterruptRemapping(this.#host, unit);
    if (this.#states.some((unit) => unit.interruptsEnabled)) {
      this.#host.say(this.#host.profile.messages.interruptsRemapped);
    }
  }

  get remapsInterrupts(): boolean {
    return this.#states.some((unit) => unit.interruptsEnabled);
  }

  enableInterruptRemappingOf(handle: RemappingUnitHandle): void {
    enableInterruptRemapping(this.#host, this.#state(handle));
  }

  initialise(): void {
    for (const unit of this.#states) this.#initialise(unit);
  }

  initialiseUnit(handle: RemappingUnitHandle): void {
    this.#initialise(this.#state(handle));
  }

  #initialise(unit: UnitState): void {
    const { enabled, leavesTranslationOn } = this.#host.profile.remapping;
    if (enabled) initialiseTranslation(this.#host, unit);
    else if (!leavesTranslationOn && unit.driver.translationOn) unit.driver.disable(Global.translation);
  }

  finishInitialisation(): void {
    this.#initialised = this.#host.profile.remapping.enabled;
    if (this.#initialised && this.#states.length > 0) {
      this.#host.say(this.#host.profile.messages.remappingReady);
    }
  }

  mapDma(identity: DmaIdentity, physical: Address, bytes: number): Address | undefined {
    const unit = this.#initialised ? this.#stateFor(identity) : undefined;
    if (unit === undefined || unit.ignored) return physical;
    const domain = attachDomain(this.#host, unit, identity);
    if (domain === undefined) return undefined;
    return mapForDevice(this.#host, domain, identity, physical, bytes);
  }

  domainIdOf(identity: DmaIdentity): number | null {
    const unit = this.#stateFor(identity);
    if (unit === undefined) return null;
    return domainIdInTables(this.#host, unit.driver, identity.requesterIds[0] as number);
  }

  interruptMessage(
    identity: DmaIdentity,
    vector: number,
    destination = 0,
  ): { address: Address; data: number } {
    const unit = this.#stateFor(identity);
    if (unit?.interrupts === undefined || !unit.interruptsEnabled)
      return compatibilityMessage(destination, vector);
    const index = unit.interrupts.allocate();
    const sourceId = identity.requesterIds[0] as number;
    unit.interrupts.set(
      index,
      remappedInterruptEntry({ vector, destination, sourceValidation: 1, sourceId }),
    );
    unit.driver.invalidateInterruptEntries();
    return remappableMessage(index, 0);
  }

  handleFaults(): HandledFault[] {
    const result: HandledFault[] = [];
    for (const { driver } of this.#states) {
      const round = takeFaultRecords(driver);
      if (round === undefined) continue;
      this.#printer.print(round.status, round.faults);
      result.push(...round.faults);
    }
    return result;
  }

  invalidateTranslations(handle: RemappingUnitHandle): void {
    const { driver } = this.#state(handle);
    // A strategy has written registers: the shadow knows nothing of them yet.
    driver.syncShadow();
    driver.enableQueue();
    driver.invalidateEverything(rootTableMode(handle.read32(VTD.rootTable)) === SCALABLE_MODE);
  }

  invalidateInterruptEntries(handle: RemappingUnitHandle): void {
    const { driver } = this.#state(handle);
    driver.syncShadow();
    driver.enableQueue();
    driver.invalidateInterruptEntries();
  }

  adoptRootTable(handle: RemappingUnitHandle, root: { address: Address; scalable: boolean }): void {
    const unit = this.#state(handle);
    unit.driver.syncShadow();
    unit.root = RootTable.at(root.address, { ...tableStorage(this.#host), scalable: root.scalable });
  }

  adoptInterruptTable(handle: RemappingUnitHandle, table: { address: Address; entries: number }): void {
    const unit = this.#state(handle);
    unit.driver.syncShadow();
    const { memory } = this.#host.pages;
    const adopted = new InterruptTable({ memory, writer: this.#host.writer, ...table });
    for (const { index } of adopted.present()) adopted.reserve(index);
    unit.interrupts = adopted;
    unit.interruptsEnabled = unit.driver.interruptRemappingOn;
  }

  reserveDomainId(handle: RemappingUnitHandle, domainId: number): void {
    this.#state(handle).usedDomainIds.add(domainId);
  }

  adoptEntry(handle: RemappingUnitHandle, entry: { requesterId: number; domainId: number }): void {
    const unit = this.#state(handle);
    unit.usedDomainIds.add(entry.domainId);
    unit.adoptedEntries.set(entry.requesterId, entry.domainId);
  }

  adoptDomain(domain: AdoptedDomain): void {
    const unit = this.#state(domain.unit);
    unit.usedDomainIds.add(domain.domainId);
    // Requesters of one page table share one space of addresses, too.
    const shared = [...unit.adoptable.values()].find(({ table }) => table?.root === domain.pageTableRoot);
    unit.adoptable.set(
      domain.requesterId,
      shared ?? {
        id: domain.domainId,
        table: SecondLevelTable.at(domain.pageTableRoot, {
          ...tableStorage(this.#host),
          levels: domain.levels,
        }),
        iova: new IovaSpace(domain.reserved),
      },
    );
  }

  #state(handle: RemappingUnitHandle): UnitState {
    const found = this.#states.find((unit) => unit.driver.handle.name === handle.name);
    if (found === undefined) throw new TypeError(`there is no unit ${handle.name}`);
    return found;
  }

  #stateFor(identity: DmaIdentity): UnitState | undefined {
    return this.#states.find((unit) => covers(unit, identity.segment, identity.requesterIds[0] as number));
  }
}
