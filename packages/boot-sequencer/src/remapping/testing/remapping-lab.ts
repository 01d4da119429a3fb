import {
  type Address,
  type InterruptOutcome,
  newDmaRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  PhysicalMemory,
  type TranslationOutcome,
} from '@quiesce/simulation';
import type { PciDevice, RemappingUnitHandle } from '@quiesce/strategy';
import { type Dmar, VtdUnit } from '@quiesce/vtd-iommu';
import { PagePool } from '../../kernel/page-pool.ts';
import { FaultPrinter } from '../../log/fault-printer.ts';
import { fillMessage } from '../../log/fill-message.ts';
import type { KernelProfile } from '../../profile/kernel-profile.ts';
import { kernelProfile } from '../../profile/profiles.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { VtdRemapping } from '../vt-d/vtd-remapping.ts';

const MIB = 2 ** 20;

/** CAP: 3 and 4 levels, superpages, 8 fault records at 0x200; ECAP: coherent, QI, IR, IO-TLB registers at 0x300. */
const legacy = {
  capability: { low: 0x2038_0602, high: 0x0000_0780 },
  extendedCapability: { low: 0x305b, high: 0 },
};
/** The same with scalable mode and second-level translation in it. */
const scalable = {
  capability: legacy.capability,
  extendedCapability: { low: 0x305b, high: 0x0000_4800 },
};

/** ECAP.QI, ECAP.DT, CAP.CM */
const QUEUED_INVALIDATION = 2;
const DEVICE_TLB = 4;
const CACHING_MODE = 0x80;

/** What the unit can do; without any: legacy mode, a queue, no device-TLBs, no caching mode. */
export interface LabOptions {
  readonly scalable?: boolean;
  readonly deviceTlb?: boolean;
  readonly cachingMode?: boolean;
  readonly queue?: boolean;
}

/** A function without bridges above it that take ownership. */
export function identity(requesterId: number): DmaIdentity {
  const bus = (requesterId >>> 8).toString(16).padStart(2, '0');
  return { segment: 0, requesterIds: [requesterId], name: `0000:${bus}:00.0` };
}

/** One unit over memory, and kernels that boot over it one after the other. */
export class RemappingLab {
  readonly memory: PhysicalMemory = new PhysicalMemory([
    { start: 0, end: 512 * MIB, owner: 'first-kernel', label: 'System RAM' },
    { start: 512 * MIB, end: 1024 * MIB, owner: 'crash-kernel', label: 'Crash kernel' },
  ]);
  readonly unit: VtdUnit;
  /** Every value written to the global command register. */
  readonly commands: number[] = [];
  readonly handle: RemappingUnitHandle;
  readonly lines: string[] = [];
  readonly delays: number[] = [];
  devices: readonly DmaIdentity[] = [];
  /** Functions that enumeration found, and the table that names them; for scopes and ATS. */
  functions: readonly PciDevice[] = [];
  dmar: Dmar | undefined;
  interruptRemappingIsBroken = false;
  /** Requester IDs of functions whose device-TLBs the unit has invalidated. */
  readonly invalidatedDeviceTlbs: number[] = [];
  reservedRegions: RemappingHost['reservedRegions'] = [];

  constructor(options: LabOptions = {}) {
    const { capability, extendedCapability } = options.scalable === true ? scalable : legacy;
    this.unit = new VtdUnit({
      name: 'dmar0',
      segment: 0,
      registerBase: 0xfed9_0000,
      version: 0x10,
      capability: {
        ...capability,
        low: capability.low | (options.cachingMode === true ? CACHING_MODE : 0),
      },
      extendedCapability: {
        ...extendedCapability,
        low:
          (extendedCapability.low | (options.deviceTlb === true ? DEVICE_TLB : 0)) &
          (options.queue === false ? ~QUEUED_INVALIDATION : -1),
      },
      memory: this.memory,
      onDeviceTlbInvalidate: (requesterId) => {
        this.invalidatedDeviceTlbs.push(requesterId);
        return true;
      },
    });
    this.handle = {
      name: 'dmar0',
      architecture: 'vt-d',
      segment: 0,
      covers: () => true,
      read32: (offset) => this.unit.readRegister32(offset),
      write32: (offset, value) => {
        if (offset === 0x18) this.commands.push(value >>> 0);
        this.unit.writeRegister32(offset, value);
      },
    };
  }

  /** A kernel's remapping driver; the second kernel has memory of its own. */
  boot(which: 1 | 2, profile: string | KernelProfile, wantsScalable = false): VtdRemapping {
    const writer = this.memory.writer(`kernel ${which}`);
    const start = which === 1 ? 64 * MIB : 600 * MIB;
    const row = kernelProfile(profile);
    const log = (line: string): void => {
      this.lines.push(line);
    };
    const host: RemappingHost = {
      profile: row,
      pages: new PagePool(this.memory, start, start + 64 * MIB, writer),
      writer,
      units: [this.handle],
      isCrashKernel: which === 2,
      wantsScalable,
      identities: () => this.devices,
      devices: () => this.functions,
      dmar: this.dmar,
      registerBaseOf: () => this.unit.registerBase,
      interruptRemappingIsBroken: () => this.interruptRemappingIsBroken,
      reservedRegions: this.reservedRegions,
      log,
      say: (wording, _unit, values) => {
        if (wording !== null) log(fillMessage(wording, { name: 'dmar0', ...values }));
      },
      delay: (ms) => {
        this.delays.push(ms);
      },
      panic: (reason) => {
        throw new Error(`panic: ${reason}`);
      },
      guestFrame: () => 0x1234_5000,
    };
    return new VtdRemapping(host, new FaultPrinter(row.faultLines, { now: 0 }, log));
  }

  get translationOn(): boolean {
    return (this.unit.readRegister32(0x1c) & 0x8000_0000) !== 0;
  }

  get interruptRemappingOn(): boolean {
    return (this.unit.readRegister32(0x1c) & 0x0200_0000) !== 0;
  }

  /** Address in the root table register. */
  get rootTable(): Address {
    return this.unit.readRegister32(0x20) & 0xffff_f000;
  }

  dma(requesterId: number, address: Address, write = true): TranslationOutcome {
    const outcome = newTranslationOutcome();
    this.unit.translate({ ...newDmaRequest(), requesterId, address, write }, outcome);
    return outcome;
  }

  interrupt(requesterId: number, message: { address: Address; data: number }): InterruptOutcome {
    const outcome = newInterruptOutcome();
    this.unit.remapInterrupt({ segment: 0, requesterId, ...message }, outcome);
    return outcome;
  }
}
