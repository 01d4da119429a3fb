/**
 * How a kernel's VT-d driver behaves: the differences between versions, as data. Each is a step that is taken or not
 * taken on registers and tables; `docs/linux-vt-d.md` says in which version each was read.
 */
export interface RemappingProfile {
  /** `intel_iommu=off`: DMA remapping is not set up; interrupt remapping is, as if nothing had been said. */
  readonly enabled: boolean;
  /**
   * With `intel_iommu=off`, translation that is on is left on (3.0 to 3.9; again 4.2 to 4.11, until commit
   * 161b28aae165): no driver maps anything, so devices use physical addresses that the old tables know nothing of.
   */
  readonly leavesTranslationOn: boolean;
  /**
   * The driver's shadow of the write-only global command register starts from the status register
   * (Linux 3.10, commit 3a93c841c2b3); before, it starts at 0 and the first command drops translation.
   */
  readonly shadowSynced: boolean;
  /** Translation that is on at boot is switched off before anything else (Linux 3.10 to 4.1). */
  readonly disablesTranslationFirst: boolean;
  /** Root and context entries are copied, the page tables of the old kernel stay in use (Linux 4.2). */
  readonly copiesContextEntries: boolean;
  /**
   * The copy knows scalable mode (Linux 6.0, commit 0c5f6c0d8201): it compares RTADDR bit 10 with its own mode, and refuses
   * a table of the other one. Before, it looks at bit 11 and ECAP.ECS, for the extended mode that was withdrawn: a
   * scalable-mode table has neither and is taken for a legacy one, its lower halves as entries of 16 bytes.
   */
  readonly copiesScalable: boolean;
  /** Interrupt entries are copied and interrupt remapping never goes off (Linux 4.2). */
  readonly copiesInterruptTable: boolean;
  /** A device gets a domain, with an empty page table, in `pci_iommu_init`, not with its first mapping. */
  readonly eagerDomains: boolean;
  /** Milliseconds from the end of translation to its start again while tables are rebuilt. */
  readonly rebuildMs: number;
  /** Scalable mode where units have it: as the machine says, `intel_iommu=sm_on`, or `sm_off`. */
  readonly scalable: 'machine' | 'on' | 'off';
  /**
   * Where the copy of a bus's upper context table goes: `upper`, where it belongs; or `first-free`, the lower half of the
   * root entry if the bus has no lower table (until 7.3, commit c6e63fc8e8fc, "Fix UCTP context table slot when copying
   * root entries"; in stable since 6.1.188, 6.12.110 and 7.2.6).
   */
  readonly upperContextTable: 'upper' | 'first-free';
  /**
   * How a copied context entry is known: `bitmap`, one bit a requester beside the tables (6.0); `entry`, bit 67 of the
   * entry itself, after bit 11 was cleared (4.2 to 5.19), which in scalable mode are bits of RID_PASID and of the PASID
   * directory's size.
   */
  readonly copiedMark: 'bitmap' | 'entry';
  /**
   * Which domain IDs the copy reserves: of bits 87:72 of each context entry (all versions), which in scalable mode is no
   * domain ID, so that IDs of old PASID entries are given out again; or `pasid-entry`, what it ought to.
   */
  readonly copiedDomainIds: 'context-entry' | 'pasid-entry';
  /**
   * What is flushed when a driver replaces a copied entry: nothing (4.2 to 4.9 as released); context cache and IOTLB under
   * bits 87:72 of the old entry (4.10, commit aec0e86172a7); in scalable mode everything (6.9).
   */
  readonly copiedEntryFlush: 'none' | 'entry-domain' | 'global-if-scalable';
  /** Buses whose context tables this kernel cannot map, or finds no page for: logged and skipped. */
  readonly unmappableBuses: readonly number[];
  /**
   * Units that the driver ignores, because no device of their scope was found: left as they are (until 4.9 at least), or
   * translation switched off before anything is copied (5.10 at the latest). Units with only graphics devices count if
   * `mapsGraphics` is false.
   */
  readonly ignoredUnits: 'left-alone' | 'switched-off';
  /** False with `intel_iommu=igfx_off`. */
  readonly mapsGraphics: boolean;
  /** Functions that share a translation domain: those with one DMA alias (3.x, 4.x), or of one IOMMU group (5.x). */
  readonly sharedDomains: 'alias' | 'group';
  /**
   * Attaching a device after the tables were copied: each by itself; or, in Linux 5.11 (commit 795bbbb9b6f8 until
   * 3ab657291638), only a device that is alone in its group: the others cannot map anything.
   */
  readonly deferredAttach: 'each-device' | 'lone-devices';
  /**
   * ATS in functions below ports that the DMAR table names: `never` (as with `pci=noats`); with the driver's own context entry
   * (`at-attach`); or in scalable mode as soon as units are set up (`early-if-scalable`, 6.15, commit 5518f239aff1). Only then does the kernel know,
   * when a copied entry is replaced, that the function has a device-TLB to flush.
   */
  readonly enablesAts: 'never' | 'at-attach' | 'early-if-scalable';
  /**
   * Leaves interrupt remapping alone on chipsets that cannot drain interrupts (Intel 5500, 5520, X58: commit 03bbcb2e7e29,
   * Linux 3.10; revisions as of commit 803075dba31c).
   */
  readonly avoidsBrokenInterruptRemapping: boolean;
}
