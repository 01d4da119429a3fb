/**
 * One file of a captured machine. Its path is either the one that it has on the machine, without the leading slash
 * (`sys/bus/pci/devices/0000:00:1f.2/config`, `proc/iomem`), or the name under which a user gave it.
 */
export interface CapturedFile {
  readonly path: string;
  /** Empty for a link. */
  readonly content: string | Uint8Array;
  /** Where a symbolic link leads, as it stands in the link (`../../../bus/pci/drivers/e1000e`). */
  readonly link?: string;
}

/** Something that was to be captured and could not be. */
export interface UnreadFile {
  /** As in {@link CapturedFile.path}. */
  readonly path: string;
  /** `permission denied`, `no such file`, … */
  readonly reason: string;
}
