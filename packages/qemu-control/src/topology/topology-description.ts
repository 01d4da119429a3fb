/** An endpoint of the command line that stands on something outside of the guest. */
export interface QemuBackend {
  /** `0000:01:00.0` */
  readonly function: string;
  /** ID of the `-device`. */
  readonly device: string;
  /** ID of the netdev, of the block node, or of the audio device. */
  readonly id: string;
}

/** A network card, and the address it has. */
export interface QemuNetwork extends QemuBackend {
  /** `52:54:00:00:00:01` */
  readonly macAddress: string;
}

/** How the backends of a machine are made. */
export interface QemuTopologyOptions {
  /**
   * Each network card is connected to the netdev of its ID in {@link QemuTopology.networks}, which QEMU must then be
   * started with (`networks` of QemuOptions); default false: cards are connected to nothing.
   */
  readonly networks?: boolean;
  /** The block node of a drive without its name; default `null-co,size=1073741824,read-zeroes=on`. */
  readonly drive?: (drive: QemuBackend) => string;
  /** The audio backend without its ID; default `none`, which records silence for ever. */
  readonly audio?: string;
  /** Properties that each `-device` of a function gets besides, e.g. `romfile=`. */
  readonly properties?: (place: { readonly function: string; readonly model: string }) => readonly string[];
}

/** A machine as QEMU is asked for it. */
export interface QemuTopology {
  /** Machine type, memory, processors, remapping unit, devices; no accelerator, no kernel, no channels. */
  readonly arguments: readonly string[];
  /** By function name: the ID of its `-device`; functions of the chipset are not among them. */
  readonly devices: Readonly<Record<string, string>>;
  readonly networks: readonly QemuNetwork[];
  readonly audio: readonly QemuBackend[];
  readonly drives: readonly QemuBackend[];
}
