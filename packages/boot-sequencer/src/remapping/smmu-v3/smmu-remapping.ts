import type { Address } from '@quiesce/simulation';
import {
  contextDescriptorAsid,
  hasInputAddress,
  PageTable,
  StreamConfig,
  StreamTable,
  streamEntryConfig,
  streamEntryContext,
  streamEntryVmid,
} from '@quiesce/smmu-v3';
import type { AdoptedDomain, RemappingUnitHandle } from '@quiesce/strategy';
import type { FaultPrinter } from '../../log/fault-printer.ts';
import { IovaSpace } from '../iova-space.ts';
import type { DmaIdentity, HandledFault, KernelRemapping } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { readStreamTablePlace } from './adoption.ts';
import { passesThrough, probeUnit } from './device-probe.ts';
import { attachDomain, mapForDevice } from './domains.ts';
import { eventLines, OVERFLOW_LINE } from './event-lines.ts';
import { SmmuDriver } from './smmu-driver.ts';
import { newUnitState, tableStorage, type UnitState } from './unit-state.ts';

/** Where the fabric takes interrupt messages: the doorbell of the ITS. */
const DOORBELL = 0xfee0_0000;

/**
 * The SMMUv3 driver of one kernel over all units. A domain ID is an ASID. Interrupts are not remapped by an SMMU: their
 * messages are writes that its stream table lets through or not.
 */
export class SmmuRemapping implements KernelRemapping {
  readonly units: readonly RemappingUnitHandle[];
  readonly remapsInterrupts = false;
  readonly #host: RemappingHost;
  readonly #states: UnitState[];
  readonly #printer: FaultPrinter;
  #initialised = false;

  constructor(host: RemappingHost, printer: FaultPrinter) {
    this.#host = host;
    this.#printer = printer;
    this.units = host.units;
    this.#states = host.units.map((handle) =>
      newUnitState(new SmmuDriver(handle, host.pages, host.writer, (line) => host.log(line))),
    );
  }

  disableOnCrash(): void {
    for (const { driver } of this.#states) driver.setEnables(0);
  }

  enableInterruptRemapping(): void {}

  enableInterruptRemappingOf(): void {}

  initialise(): void {
    for (const unit of this.#states) this.#initialise(unit);
  }

  initialiseUnit(handle: RemappingUnitHandle): void {
    this.#initialise(this.#state(handle));
  }

  /** A kernel without the driver leaves the unit as it is. */
  #initialise(unit: UnitState): void {
    if (this.#host.profile.remapping.enabled) probeUnit(this.#host, unit);
  }

  finishInitialisation(): void {
    this.#initialised = this.#host.profile.remapping.enabled;
  }

  mapDma(identity: DmaIdentity, physical: Address, bytes: number): Address | undefined {
    const unit = this.#initialised ? this.#stateFor(identity) : undefined;
    if (unit === undefined || passesThrough(this.#host)) return physical;
    if (unit.probeFailed) return undefined;
    return mapForDevice(this.#host, attachDomain(this.#host, unit, identity), identity, physical, bytes);
  }

  interruptMessage(
    _identity: DmaIdentity,
    vector: number,
    destination = 0,
  ): { address: Address; data: number } {
    return { address: DOORBELL + destination * 0x1000, data: vector };
  }

  /** ASID of a stage 1 entry, VMID of a stage 2 entry, as the table that the unit has now says. */
  domainIdOf(identity: DmaIdentity): number | null {
    const unit = this.#stateFor(identity);
    if (unit === undefined || !unit.driver.enabled) return null;
    const { memory } = this.#host.pages;
    const table = StreamTable.at(readStreamTablePlace(unit.driver), { memory });
    const words = table.entry(identity.requesterIds[0] as number);
    const { valid, config } = streamEntryConfig(words?.[0] ?? 0);
    if (words === undefined || !valid) return null;
    if (config === StreamConfig.stage2) return streamEntryVmid(words[4] as number);
    if (config !== StreamConfig.stage1) return null;
    return contextDescriptorAsid(
      memory.read32(streamEntryContext(words[0] as number, words[1] as number) + 4),
    );
  }

  handleFaults(): HandledFault[] {
    const result: HandledFault[] = [];
    for (const { driver } of this.#states) {
      const errors = driver.acknowledgeErrors();
      if (errors !== 0) {
        driver.log(
          `unexpected global error reported (0x${errors.toString(16).padStart(8, '0')}), this could be serious`,
        );
      }
      const taken = driver.takeEvents();
      if (taken === undefined) continue;
      const { name } = driver.handle;
      this.#printer.printEvents(taken.events.map(({ words }) => eventLines(name, words)));
      if (taken.lost) driver.log(OVERFLOW_LINE);
      for (const { record } of taken.events) {
        result.push({
          unit: driver.handle,
          requesterId: record.streamId,
          address: record.address,
          write: hasInputAddress(record.number) && !record.read,
          reason: record.number,
          interrupt: false,
        });
      }
    }
    return result;
  }

  invalidateTranslations(handle: RemappingUnitHandle): void {
    this.#state(handle).driver.invalidateEverything();
  }

  invalidateInterruptEntries(): void {}

  adoptRootTable(handle: RemappingUnitHandle, root: { address: Address; scalable: boolean }): void {
    const unit = this.#state(handle);
    const place = { ...readStreamTablePlace(unit.driver), address: root.address };
    unit.table = StreamTable.at(place, tableStorage(this.#host));
  }

  adoptInterruptTable(): void {}

  reserveDomainId(handle: RemappingUnitHandle, domainId: number): void {
    this.#state(handle).usedAsids.add(domainId);
  }

  adoptEntry(handle: RemappingUnitHandle, entry: { requesterId: number; domainId: number }): void {
    const unit = this.#state(handle);
    unit.usedAsids.add(entry.domainId);
    unit.adoptedEntries.set(entry.requesterId, entry.domainId);
  }

  adoptDomain(domain: AdoptedDomain): void {
    const unit = this.#state(domain.unit);
    unit.usedAsids.add(domain.domainId);
    const { levels, pageTableRoot, reserved } = domain;
    unit.adoptable.set(domain.requesterId, {
      asid: domain.domainId,
      table: PageTable.at(pageTableRoot, { ...tableStorage(this.#host), stage: 1, levels }),
      iova: new IovaSpace(reserved),
    });
  }

  #state(handle: RemappingUnitHandle): UnitState {
    const found = this.#states.find((unit) => unit.driver.handle.name === handle.name);
    if (found === undefined) throw new TypeError(`there is no unit ${handle.name}`);
    return found;
  }

  #stateFor({ segment, requesterIds }: DmaIdentity): UnitState | undefined {
    return this.#states.find(
      ({ driver: { handle } }) => handle.segment === segment && handle.covers(requesterIds[0] as number),
    );
  }
}
