/** What a kernel's AMD driver prints of an event; braces are filled in. */
export interface AmdMessages {
  /** `{device}` as `04:00.0`, `{domain}`, `{address}`, `{address16}` of 16 digits, `{flags}` */
  readonly pageFault: string;
  /** The same of a function that the kernel has enumerated, `{name}` as `0000:04:00.0`; null: as {@link pageFault}. */
  readonly pageFaultOfFunction: string | null;
}

/** How a kernel's AMD driver behaves: the differences between eras, as data. */
export interface AmdRemappingProfile {
  /**
   * What a crash kernel does with a unit that is on: `rebuild` switches it off and makes new tables; `copy` makes a copy
   * of the device table (Linux 4.14, `copy_device_table`); `adopt` goes on with the old device table, command buffer and
   * event log where they are (2025, commits 38e5f33ee359 and f32fe7cb0198).
   */
  readonly handover: 'rebuild' | 'copy' | 'adopt';
  /**
   * Where this kernel puts a device table of its own: below 4 GiB (`GFP_DMA32`, Linux 4.14), or as high as memory goes,
   * which is where an ordinary allocation comes from on a machine that has memory there.
   */
  readonly deviceTable: 'below-4g' | 'high';
  /** An old device table above 4 GiB is not copied or adopted (4.14, "not trustworthy"). */
  readonly distrustsHighTable: boolean;
  /**
   * Microseconds between the two 32-bit writes to the device table's base register, in which devices go on. A pair of
   * uncached writes takes less than one; an interrupt of the platform (SMI) between them takes hundreds.
   */
  readonly baseWriteGapUs: number;
  /**
   * Milliseconds from switching a unit off to switching it on with new tables: nothing where one function does both; the
   * rest of the table's parsing where units that are on are switched off when they are found (4.13).
   */
  readonly rebuildMs: number;
  /** New entries of a crash kernel keep page faults out of the log (SA) until a driver attaches (4.13 alone). */
  readonly suppressesFaults: boolean;
  /** Attaching flushes what the unit has of the old entry's domain (5.1, commit 36b7200f67df). */
  readonly flushesOldDomain: boolean;
  /** Entries of a device's interrupt table: 256, or 512 (5.11). A copy insists that the old table has as many. */
  readonly interruptTableEntries: 256 | 512;
  readonly messages: AmdMessages;
}
