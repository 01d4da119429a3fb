/** What usually stands behind several reasons when they appear after a crash. */
export const mismatch: string =
  'The table mode does not fit the tables: a kernel that does not know scalable mode followed one that used it, or the reverse.';
export const overwritten: string =
  'Tables of the dead kernel were overwritten while the unit still walks them.';
export const fresh: string =
  'The second kernel installed fresh tables, and this device has no driver there yet, or this part was lost in the copy.';
export const stalePasid: string =
  'The device goes on with a process address space that died with the first kernel.';
export const stalePermission: string =
  'The second kernel gave the device another page table while its old engine still runs, or descriptors in it are stale.';
export const strayDescriptor: string =
  'The device works on descriptors that no longer hold what a driver wrote there.';
