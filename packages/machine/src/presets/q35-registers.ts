/** What registers of QEMU's devices have in common; source: config spaces as a guest reports them. */

/** Command: INTx is disabled where the first kernel uses MSI or MSI-X. */
export const COMMAND_WITH_MSI = 0x0507;

/** Subsystem of what QEMU made up. */
export const emulated: { readonly vendor: number; readonly id: number } = { vendor: 0x1af4, id: 0x1100 };

export const driven: { readonly first: boolean; readonly second: boolean } = { first: true, second: true };

/** Link Control and Status: 2.5 GT/s, one lane. */
export const ONE_LANE = 0x0011_0000;

/** Device Capabilities 2: end-end TLP prefixes, up to four. */
export const PREFIXES = 0x30_0000;
