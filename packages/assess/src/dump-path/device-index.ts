import type { BlockDevice, DeviceName, HostFacts } from '@quiesce/machine';

/** A block device that was looked for, and by which of its names it was found. */
export interface FoundDevice {
  readonly device: BlockDevice;
  /** Undefined where it was asked for by the name that the kernel has for it. */
  readonly by?: DeviceName;
}

const tags: Readonly<Record<string, string>> = {
  UUID: 'by-uuid',
  LABEL: 'by-label',
  PARTUUID: 'by-partuuid',
  PARTLABEL: 'by-partlabel',
};

/** Block devices of a host by all of their names. */
export class DeviceIndex {
  readonly #byName = new Map<string, BlockDevice>();
  readonly #byMapped = new Map<string, BlockDevice>();
  readonly #byNumber = new Map<string, BlockDevice>();
  readonly #names = new Map<string, DeviceName>();

  constructor({ blockDevices = [], deviceNames = [] }: HostFacts) {
    for (const one of blockDevices) {
      this.#byName.set(one.name, one);
      if (one.mapped !== undefined) this.#byMapped.set(one.mapped.value, one);
      if (one.number !== undefined) this.#byNumber.set(one.number, one);
    }
    for (const one of deviceNames) this.#names.set(plain(one.name), one);
  }

  byNumber(number: string | undefined): BlockDevice | undefined {
    return number === undefined ? undefined : this.#byNumber.get(number);
  }

  byName(name: string): BlockDevice | undefined {
    return this.#byName.get(name) ?? this.#byMapped.get(name) ?? this.#byName.get(wholeOf(name));
  }

  /** What the kernel calls a device, whether or not the capture has more of it. */
  nameOf(spec: string): DeviceName | undefined {
    return this.#names.get(plain(pathOfTag(spec)));
  }

  /** @param spec `/dev/…` in any form, or `UUID=…` and the like */
  find(spec: string): FoundDevice | undefined {
    const by = this.nameOf(spec);
    if (by !== undefined) {
      const device = this.byName(by.device.value);
      return device === undefined ? undefined : { device, by };
    }
    const parts = spec.startsWith('/dev/') ? spec.slice(5).split('/') : [];
    const [first, second] = parts;
    if (first === undefined) return undefined;
    const device =
      second === undefined
        ? this.byName(first)
        : first === 'mapper'
          ? (this.#byMapped.get(second) ?? this.#byName.get(second))
          : (this.#byMapped.get(`${doubled(first)}-${doubled(second)}`) ?? this.byName(parts.join('!')));
    return device === undefined ? undefined : { device };
  }
}

/** The disk that a partition is on by its name, `sda` of `sda1`: some sources list disks alone. */
function wholeOf(name: string): string {
  return name.replace(
    /^((?:nvme\d+n|mmcblk|md|nbd|loop)\d+)p\d+$|^([shv]d[a-z]{1,3}|xvd[a-z]{1,3})\d+$/,
    '$1$2',
  );
}

/** `/dev/disk/by-uuid/x` of `UUID=x`. */
function pathOfTag(spec: string): string {
  const at = spec.indexOf('=');
  const folder = at < 0 ? undefined : tags[spec.slice(0, at)];
  return folder === undefined ? spec : `/dev/disk/${folder}/${spec.slice(at + 1)}`;
}

/** udev writes blanks in names as `\x20`; UUIDs are compared without regard to case. */
function plain(name: string): string {
  const text = name.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /^\/dev\/disk\/by-(?:part)?uuid\//.test(text) ? text.toLowerCase() : text;
}

/**
 * Device mapper joins the names of a volume group and a volume by a hyphen, and doubles those within them, but not those
 * of what stands for a name in a redacted capture: `<host-name-1>`.
 */
function doubled(name: string): string {
  return name.replaceAll(/<[a-z-]{1,40}\d{1,9}>|-/g, (found) => (found === '-' ? '--' : found));
}
