import type { Address, WriterId } from '@quiesce/simulation';
import type { PciDevice, RemappingUnitHandle } from '@quiesce/strategy';
import type { Dmar } from '@quiesce/vtd-iommu';
import type { PagePool } from '../kernel/page-pool.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import type { DmaIdentity } from './kernel-remapping.ts';

/** What the remapping driver needs of the kernel that it is part of. */
export interface RemappingHost {
  readonly profile: KernelProfile;
  readonly pages: PagePool;
  readonly writer: WriterId;
  readonly units: readonly RemappingUnitHandle[];
  /** A kdump kernel may copy tables; the first kernel finds none. */
  readonly isCrashKernel: boolean;
  /** This kernel runs units in scalable mode where they can. */
  readonly wantsScalable: boolean;
  /** Functions that enumeration found. */
  identities(): readonly DmaIdentity[];
  readonly reservedRegions: readonly {
    readonly start: Address;
    readonly end: Address;
    readonly segment: number;
    readonly requesterIds: readonly number[];
  }[];
  /** Functions as enumeration found them, in its order; without it there are none. */
  devices?(): readonly PciDevice[];
  /** The ACPI DMAR table, if the machine has one. */
  readonly dmar?: Dmar | undefined;
  /** Where the registers of a unit are, by which the DMAR table names it. */
  registerBaseOf?(unit: RemappingUnitHandle): Address;
  /** An early quirk has found a chipset whose interrupt remapping must be left alone (set_irq_remapping_broken). */
  interruptRemappingIsBroken?(): boolean;
  log(line: string): void;
  /** Prints a wording of this kernel, if it has one; the unit's name, index and base stand in `{name}` and so on. */
  say(
    wording: string | null,
    unit?: RemappingUnitHandle,
    values?: Readonly<Record<string, string | number>>,
  ): void;
  delay(ms: number): void;
  panic(reason: string): void;
  /** Bits drawn for a guest's addresses; only a hypervisor asks. */
  guestFrame(requesterId: number): Address;
}
