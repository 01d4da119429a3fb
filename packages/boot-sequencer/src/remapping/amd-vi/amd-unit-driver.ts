import {
  AmdControl,
  amdRegister,
  COMMAND_BYTES,
  completionWait,
  deviceTableRegister,
  invalidateAll,
  invalidateDeviceTableEntry,
  invalidateDomain,
  invalidateInterruptTable,
  ringRegister,
} from '@quiesce/amd-iommu';
import type { Address } from '@quiesce/simulation';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import type { RemappingHost } from '../remapping-host.ts';

/** Entries of the command buffer and of the event log, two pages each. */
const RING_ENTRIES = 512;
const RING_BYTES = RING_ENTRIES * COMMAND_BYTES;
/** `wait_on_sem` gives up after 100,000 rounds of 1 µs. */
const COMPLETION_TIMEOUT_MS = 100;
/** EFR.SNPSup, in the upper half. */
const SNP = 1 << 11;
/** EFR.IASup */
const INVALIDATE_ALL = 1 << 6;

/** One AMD unit as a kernel drives it: features, rings and commands. */
export class AmdUnitDriver {
  readonly handle: RemappingUnitHandle;
  readonly #host: RemappingHost;
  /** Where this kernel writes commands, believes events, and looks for completions. */
  #commands: Address | undefined;
  #events: Address = 0;
  #semaphore: Address = 0;
  #tail = 0;
  #sequence = 0;

  constructor(handle: RemappingUnitHandle, host: RemappingHost) {
    this.handle = handle;
    this.#host = host;
  }

  get translationOn(): boolean {
    return (this.handle.read32(amdRegister.control) & AmdControl.iommu) !== 0;
  }

  /** Rings are set up: commands can be given. */
  get ready(): boolean {
    return this.#commands !== undefined;
  }

  /** Where this kernel reads events. */
  get events(): Address {
    return this.#events;
  }

  /** `iommu_feature_enable`, `iommu_feature_disable` */
  set(bit: number, on: boolean): void {
    const control = this.handle.read32(amdRegister.control);
    this.handle.write32(amdRegister.control, (on ? control | bit : control & ~bit) >>> 0);
  }

  /** `iommu_disable` */
  disable(): void {
    this.set(AmdControl.commandBuffer, false);
    this.set(AmdControl.eventInterrupt, false);
    this.set(AmdControl.eventLog, false);
    this.set(AmdControl.iommu, false);
  }

  enable(): void {
    this.set(AmdControl.iommu, true);
  }

  /** Rings of this kernel's own, started empty. */
  startRings(): void {
    const { pages } = this.#host;
    this.#commands = pages.allocate(RING_BYTES / 4096);
    this.#events = pages.allocate(RING_BYTES / 4096);
    this.#semaphore = pages.allocate();
    this.#stopRings();
    this.#writeWide(amdRegister.commandBuffer, ringRegister(this.#commands, RING_ENTRIES));
    this.#startCommands();
    this.#writeWide(amdRegister.eventLog, ringRegister(this.#events, RING_ENTRIES));
    this.#startEvents();
    // iommu_set_cwwb_range: with SNP the exclusion range says where completions may be stored.
    if ((this.handle.read32(amdRegister.features + 4) & SNP) === 0) return;
    const store = { low: this.#semaphore % 0x1_0000_0000, high: Math.floor(this.#semaphore / 0x1_0000_0000) };
    this.#writeWide(amdRegister.storeBase, store);
    this.#writeWide(amdRegister.storeLimit, store);
  }

  /** The old kernel's rings, started empty (`remap_command_buffer`, `remap_event_buffer`, `remap_or_alloc_cwwb_sem`). */
  adoptRings(): void {
    this.#commands = this.#readAddress(amdRegister.commandBuffer);
    this.#events = this.#readAddress(amdRegister.eventLog);
    const confined = (this.handle.read32(amdRegister.features + 4) & SNP) !== 0;
    this.#semaphore = confined ? this.#readAddress(amdRegister.storeBase) : this.#host.pages.allocate();
    this.#host.log('AMD-Vi: Re-using command buffer from the previous kernel');
    this.#host.log('AMD-Vi: Re-using event buffer from the previous kernel');
    this.#stopRings();
    this.#startCommands();
    this.#startEvents();
  }

  /** `amd_iommu_restart_event_logging`, after an overflow. */
  restartLog(overflow: number): void {
    this.set(AmdControl.eventLog, false);
    this.handle.write32(amdRegister.status, overflow);
    this.set(AmdControl.eventLog, true);
  }

  /** `iommu_set_device_table`: a 64-bit value in two writes, the lower half first; devices go on in between. */
  setDeviceTable(address: Address, pages: number, gapUs: number): void {
    const { low, high } = deviceTableRegister(address, pages);
    this.handle.write32(amdRegister.deviceTable, low);
    if (gapUs > 0 && this.translationOn) this.#host.delay(gapUs / 1000);
    this.handle.write32(amdRegister.deviceTable + 4, high);
  }

  flushDevice(requesterId: number): void {
    this.#submit(invalidateDeviceTableEntry(requesterId));
    this.#complete();
  }

  flushDomain(domainId: number): void {
    this.#submit(invalidateDomain(domainId));
    this.#complete();
  }

  flushInterrupts(requesterId: number): void {
    this.#submit(invalidateInterruptTable(requesterId));
    this.#complete();
  }

  /** `amd_iommu_flush_all_caches`: one command, or one a device and a domain. */
  flushAll(lastRequesterId: number): void {
    if ((this.handle.read32(amdRegister.features) & INVALIDATE_ALL) !== 0) {
      this.#submit(invalidateAll());
      this.#complete();
      return;
    }
    for (let id = 0; id <= lastRequesterId; id++) this.#submit(invalidateDeviceTableEntry(id));
    for (let id = 0; id <= lastRequesterId; id++) this.#submit(invalidateInterruptTable(id));
    for (let id = 0; id <= lastRequesterId; id++) this.#submit(invalidateDomain(id));
    this.#complete();
  }

  /** `iommu_disable_command_buffer`, `iommu_disable_event_buffer` */
  #stopRings(): void {
    this.set(AmdControl.commandBuffer, false);
    this.set(AmdControl.eventLog, false);
  }

  /** `amd_iommu_reset_cmd_buffer` */
  #startCommands(): void {
    this.set(AmdControl.commandBuffer, false);
    this.handle.write32(amdRegister.commandHead, 0);
    this.handle.write32(amdRegister.commandTail, 0);
    this.#tail = 0;
    this.set(AmdControl.commandBuffer, true);
  }

  #startEvents(): void {
    this.handle.write32(amdRegister.eventHead, 0);
    this.handle.write32(amdRegister.eventTail, 0);
    this.set(AmdControl.eventLog, true);
  }

  #submit(words: readonly number[]): void {
    if (this.#commands === undefined) return;
    const { memory } = this.#host.pages;
    for (const [i, word] of words.entries()) {
      memory.write32(this.#commands + this.#tail + 4 * i, word, this.#host.writer);
    }
    this.#tail = (this.#tail + COMMAND_BYTES) % RING_BYTES;
    this.handle.write32(amdRegister.commandTail, this.#tail);
  }

  /** `iommu_completion_wait`: a driver that gets no answer says so, and goes on as if it had got one. */
  #complete(): void {
    const { memory } = this.#host.pages;
    this.#sequence++;
    this.#submit(completionWait(this.#semaphore, this.#sequence));
    if (memory.read32(this.#semaphore) === this.#sequence) return;
    this.#host.delay(COMPLETION_TIMEOUT_MS);
    if (memory.read32(this.#semaphore) !== this.#sequence) {
      this.#host.log('AMD-Vi: Completion-Wait loop timed out');
    }
  }

  #writeWide(offset: number, { low, high }: { low: number; high: number }): void {
    this.handle.write32(offset, low);
    this.handle.write32(offset + 4, high);
  }

  #readAddress(offset: number): Address {
    const low = (this.handle.read32(offset) & 0xffff_f000) >>> 0;
    return (this.handle.read32(offset + 4) & 0xf_ffff) * 0x1_0000_0000 + low;
  }
}
