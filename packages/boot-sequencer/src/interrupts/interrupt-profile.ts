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
 * Linux 2.6.3x to 3.13. Read in 3.4: `native_machine_crash_shutdown` shuts the local APIC down first, and with the I/O
 * APIC it goes back to virtual wire mode. The cost of a stray interrupt is inferred: entry, one line of a limited rate,
 * end of interrupt, exit.
 */
export const interruptsOfLinux3: InterruptProfile = {
  vectors: 'stride',
  localApicAtJump: 'virtual-wire',
  disablesApicForSetup: false,
  taskPriority: 0,
  clearsInterruptDisable: false,
  strayInterruptUs: 2,
};

/**
 * Linux 3.18 to 4.14: commits 522e66464467 (order of the crash path, undone by 339b2ae0cd5d) and 1f42db786b14; from what
 * the commits say, not from these kernels' sources.
 */
export const interruptsOfLinux4: InterruptProfile = {
  ...interruptsOfLinux3,
  localApicAtJump: 'disabled',
  clearsInterruptDisable: true,
};

/**
 * Linux 5.4 on. Read between 5.2 and 5.8: the matrix allocator (`vector_configure_legacy` releases ISA vectors),
 * `check_timer`, `common_interrupt`; in 6.1: `setup_local_APIC`, which software-disables first (July 2019, in stable
 * kernels from 4.4 on, too). The state that it leads to was measured on 6.1.192: vector 0x3a in service, 0x30 and 0x37
 * asked for.
 */
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
