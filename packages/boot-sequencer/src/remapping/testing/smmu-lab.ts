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
import {
  registerOffset,
  SmmuUnit,
  type SmmuUnitOptions,
  StreamTable,
  streamTablePlace,
} from '@quiesce/smmu-v3';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import { PagePool } from '../../kernel/page-pool.ts';
import { FaultPrinter } from '../../log/fault-printer.ts';
import type { KernelProfile } from '../../profile/kernel-profile.ts';
import { kernelProfile } from '../../profile/profiles.ts';
import type { SmmuProfile } from '../../profile/smmu-profile.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import { SmmuRemapping } from '../smmu-v3/smmu-remapping.ts';

const MIB = 2 ** 20;

/** One SMMUv3 over memory, and kernels that boot over it one after the other. */
export class SmmuLab {
  readonly memory: PhysicalMemory = new PhysicalMemory([
    { start: 0, end: 512 * MIB, owner: 'first-kernel', label: 'System RAM' },
    { start: 512 * MIB, end: 1024 * MIB, owner: 'crash-kernel', label: 'Crash kernel' },
  ]);
  readonly unit: SmmuUnit;
  readonly handle: RemappingUnitHandle;
  readonly lines: string[] = [];
  /** Every register that was written, by offset, and what with. */
  readonly writes: { readonly offset: number; readonly value: number }[] = [];
  devices: readonly DmaIdentity[] = [];
  /** Is asked in each wait of the driver. */
  onWait: () => void = () => {};

  constructor(options: Partial<SmmuUnitOptions> = {}) {
    this.unit = new SmmuUnit({
      name: 'smmu0',
      segment: 0,
      registerBase: 0x280_0000,
      // Two-level tables, 16-bit ASIDs, coherent, AArch64, both stages; 2^8 commands, 2^7 events, 16 bits; 48 bits.
      idr0: 0x0d44_101b,
      idr1: 0x0107_0010,
      idr5: 0x15,
      version: 2,
      memory: this.memory,
      accessFails: (address) => this.memory.ownerAt(address) === 'none',
      ...options,
    });
    this.handle = {
      name: 'smmu0',
      architecture: 'smmu-v3',
      segment: 0,
      covers: () => true,
      read32: (offset) => this.unit.readRegister32(offset),
      write32: (offset, value) => {
        this.writes.push({ offset, value });
        this.unit.writeRegister32(offset, value);
      },
    };
  }

  /** A kernel's remapping driver; the second kernel has memory of its own. */
  boot(which: 1 | 2, profile: string | KernelProfile, changes: Partial<SmmuProfile> = {}): SmmuRemapping {
    const writer = this.memory.writer(`kernel ${which}`);
    const start = which === 1 ? 64 * MIB : 600 * MIB;
    const row = kernelProfile(profile);
    const log = (line: string): void => {
      this.lines.push(line);
    };
    const changed: KernelProfile =
      row.smmu === undefined ? row : { ...row, smmu: { ...row.smmu, ...changes } };
    return new SmmuRemapping(
      {
        profile: changed,
        pages: new PagePool(this.memory, start, start + 64 * MIB, writer),
        writer,
        units: [this.handle],
        isCrashKernel: which === 2,
        wantsScalable: false,
        identities: () => this.devices,
        reservedRegions: [],
        log,
        say: (wording) => {
          if (wording !== null) log(wording);
        },
        delay: () => this.onWait(),
        panic: (reason) => {
          throw new Error(`panic: ${reason}`);
        },
        guestFrame: () => 0x1234_5000,
      },
      new FaultPrinter(row.faultLines, { now: 0 }, log),
    );
  }

  /** The stream table that the unit's registers name. */
  get table(): StreamTable {
    const place = streamTablePlace(
      this.unit.readRegister32(registerOffset.STRTAB_BASE),
      this.unit.readRegister32(registerOffset.STRTAB_BASE + 4),
      this.unit.readRegister32(registerOffset.STRTAB_BASE_CFG),
    );
    return StreamTable.at(place, { memory: this.memory });
  }

  dma(
    streamId: number,
    address: Address,
    request: Partial<DmaRequest> = { write: true },
  ): TranslationOutcome {
    const outcome = newTranslationOutcome();
    this.unit.translate({ ...newDmaRequest(), requesterId: streamId, address, ...request }, outcome);
    return outcome;
  }

  interrupt(streamId: number, message: { address: Address; data: number }): InterruptOutcome {
    const outcome = newInterruptOutcome();
    this.unit.remapInterrupt({ segment: 0, requesterId: streamId, ...message }, outcome);
    return outcome;
  }
}
