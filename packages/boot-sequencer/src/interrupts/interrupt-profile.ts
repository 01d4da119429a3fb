import type { VectorSearch } from './vector-space.ts';

/** How a kernel treats interrupts and its local APIC: the differences between eras, as data. */
export interface InterruptProfile {
  readonly vectors: VectorSearch;
  /**
   * Where the crash path leaves the local APIC: `virtual-wire` software-enabled (`disconnect_bsp_APIC` runs last),
   * `disabled` (`lapic_shutdown` runs last: Linux 3.18 to 4.16). Messages for a disabled one are lost.
   */
  readonly localApicAtJump: 'virtual-wire' | 'disabled';
  /** `setup_local_APIC` software-disables the local APIC before it looks for stale bits (Linux 5.4). */
  readonly disablesApicForSetup: boolean;
  /** Task priority that it sets: 0, or 0x10 since Linux 5.4. */
  readonly taskPriority: number;
  /** Enabling a device without message interrupts clears INTx Disable (Linux 3.14). */
  readonly clearsInterruptDisable: boolean;
  /** Processor time that an interrupt takes which nobody handles, microseconds. */
  readonly strayInterruptUs: number;
}

/**
 * Linux 2.6.3x to 3.13. Read in 3.4: `native_machine_crash_shutdown` shuts the local APIC down and then, with the I/O
 * APIC, puts it into virtual wire mode. The cost of a stray interrupt is inferred: entry, one line of a limited rate, exit.
 */
export const interruptsOfLinux3: InterruptProfile = {
  vectors: 'stride',
  localApicAtJump: 'virtual-wire',
  disablesApicForSetup: false,
  taskPriority: 0,
  clearsInterruptDisable: false,
  strayInterruptUs: 2,
};

/** Linux 3.18 to 4.14: commits 522e66464467 (order of the crash path, undone by 339b2ae0cd5d) and 1f42db786b14. */
export const interruptsOfLinux4: InterruptProfile = {
  ...interruptsOfLinux3,
  localApicAtJump: 'disabled',
  clearsInterruptDisable: true,
};

/** Linux 5.4 on: the matrix allocator of 4.15, commits 339b2ae0cd5d, 229b969b3d38 and 2640da4cccf5. */
export const interruptsOfLinux6: InterruptProfile = {
  ...interruptsOfLinux3,
  vectors: 'matrix',
  disablesApicForSetup: true,
  taskPriority: 0x10,
  clearsInterruptDisable: true,
};

/** What a profile says, or where it says nothing that of today's Linux. */
export function interruptsOf(profile: { readonly interrupts?: InterruptProfile }): InterruptProfile {
  return profile.interrupts ?? interruptsOfLinux6;
}
