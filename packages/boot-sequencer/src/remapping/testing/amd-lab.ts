import {
  AmdUnit,
  type AmdUnitOptions,
  amdRegister,
  DeviceTable,
  deviceTableAddress,
  deviceTablePages,
} from '@quiesce/amd-iommu';
import {
  type Address,
  type DmaRequest,
  type InterruptOutcome,
  newDmaRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  PhysicalMemory,
  type TranslationOutcome,
} from '@quiesce/simulation';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import { PagePool } from '../../kernel/page-pool.ts';
import { FaultPrinter } from '../../log/fault-printer.ts';
import type { AmdRemappingProfile } from '../../profile/amd-remapping-profile.ts';
import type { KernelProfile } from '../../profile/kernel-profile.ts';
import { kernelProfile } from '../../profile/profiles.ts';
import { AmdRemapping } from '../amd-vi/amd-remapping.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** One AMD unit over buses 0 to 7 and memory below and above 4 GiB, and kernels that boot over it one after the other. */
export class AmdLab {
  readonly memory: PhysicalMemory = new PhysicalMemory([
    { start: 0, end: 512 * MIB, owner: 'first-kernel', label: 'System RAM' },
    { start: 512 * MIB, end: GIB, owner: 'crash-kernel', label: 'Crash kernel' },
    { start: 4 * GIB, end: 5 * GIB, owner: 'first-kernel', label: 'System RAM' },
    { start: 5 * GIB, end: 6 * GIB, owner: 'crash-kernel', label: 'Crash kernel, high' },
  ]);
  readonly unit: AmdUnit;
  readonly handle: RemappingUnitHandle;
  readonly lines: string[] = [];
  readonly delays: number[] = [];
  devices: readonly DmaIdentity[] = [];
  reservedRegions: RemappingHost['reservedRegions'] = [];
  /** The last requester ID that the handle covers. */
  lastRequesterId = 0x07ff;
  /** Is called in each wait of the driver. */
  onWait: () => void = () => {};

  constructor(options: Partial<AmdUnitOptions> = {}) {
    this.unit = new AmdUnit({
      name: 'ivhd0',
      segment: 0,
      registerBase: 0xfd00_0000,
      features: { low: 0x40, high: 0x800 },
      memory: this.memory,
      accessFails: (address) => this.memory.ownerAt(address) === 'none',
      ...options,
    });
    this.handle = {
      name: 'ivhd0',
      architecture: 'amd-vi',
      segment: 0,
      covers: (requesterId) => requesterId <= this.lastRequesterId,
      read32: (offset) => this.unit.readRegister32(offset),
      write32: (offset, value) => this.unit.writeRegister32(offset, value),
    };
  }

  /** A kernel's remapping driver; the second kernel has memory of its own. */
  boot(
    which: 1 | 2,
    profile: string | KernelProfile,
    changes: Partial<AmdRemappingProfile> = {},
  ): AmdRemapping {
    const writer = this.memory.writer(`kernel ${which}`);
    const start = which === 1 ? 64 * MIB : 600 * MIB;
    const found = kernelProfile(profile);
    const row = found.amd === undefined ? found : { ...found, amd: { ...found.amd, ...changes } };
    const log = (line: string): void => {
      this.lines.push(line);
    };
    const host: RemappingHost = {
      profile: row,
      pages: new PagePool(this.memory, start, start + 64 * MIB, writer),
      writer,
      units: [this.handle],
      isCrashKernel: which === 2,
      wantsScalable: false,
      identities: () => this.devices,
      reservedRegions: this.reservedRegions,
      log,
      say: () => {},
      delay: (ms) => {
        this.delays.push(ms);
        this.onWait();
      },
      panic: (reason) => {
        throw new Error(`panic: ${reason}`);
      },
      guestFrame: () => 0x1234_5000,
    };
    return new AmdRemapping(host, new FaultPrinter(row.faultLines, { now: 0 }, log));
  }

  /** Boots all the way, interrupts first. */
  bootFully(
    which: 1 | 2,
    profile: string | KernelProfile,
    changes: Partial<AmdRemappingProfile> = {},
  ): AmdRemapping {
    const driver = this.boot(which, profile, changes);
    driver.enableInterruptRemapping();
    driver.initialise();
    driver.finishInitialisation();
    return driver;
  }

  /** The device table where the base register points. */
  get table(): DeviceTable {
    const low = this.handle.read32(amdRegister.deviceTable);
    const address = deviceTableAddress(low, this.handle.read32(amdRegister.deviceTable + 4));
    return new DeviceTable({ memory: this.memory, address, pages: deviceTablePages(low) });
  }

  dma(requesterId: number, address: Address, more: Partial<DmaRequest> = {}): TranslationOutcome {
    const outcome = newTranslationOutcome();
    this.unit.translate({ ...newDmaRequest(), requesterId, address, write: true, ...more }, outcome);
    return outcome;
  }

  interrupt(requesterId: number, message: { address: Address; data: number }): InterruptOutcome {
    const outcome = newInterruptOutcome();
    this.unit.remapInterrupt({ segment: 0, requesterId, ...message }, outcome);
    return outcome;
  }
}
