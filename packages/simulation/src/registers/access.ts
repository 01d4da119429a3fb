/**
 * What software's access does to a field (PCIe Base Specification 7.4, VT-d 10.2):
 * - `RO` read only (HwInit too); `RW` read and write; `RW1C` write 1 to clear; `RW1S` write 1 to set;
 * - `WO` write only: reads as 0, a write reaches the write hook;
 * - `RsvdP` reserved, kept as it is; `RsvdZ` reserved, reads as 0.
 */
export type RegisterAccess = 'RO' | 'RW' | 'RW1C' | 'RW1S' | 'WO' | 'RsvdP' | 'RsvdZ';

/** Which reset happens. A sticky field keeps its value in every one but `cold`. */
export type ResetKind = 'cold' | 'conventional' | 'function-level';
