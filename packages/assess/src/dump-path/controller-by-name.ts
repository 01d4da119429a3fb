import type { ConfigReader } from '@quiesce/machine';
import type { MachineView } from '../functions/machine-view.ts';

const MASS_STORAGE = 0x01;
const NON_VOLATILE = 0x0108;
const SD_HOST = 0x0805;
const VIRTIO = 0x1af4;
/** Block devices and SCSI hosts of virtio, each with the number of a device in transition and its own (virtio 1.2, 4.1.2). */
const virtioBlock: readonly number[] = [0x1001, 0x1042];
const virtioScsi: readonly number[] = [0x1004, 0x1048];

/**
 * Controllers that a block device can hang on by its name alone, where no source says on which one it does: `nvme…` on
 * NVM Express, `sd…` on other mass storage, `vd…` on virtio, `mmcblk…` on SD hosts (names of drivers/nvme, drivers/scsi/sd.c,
 * drivers/block/virtio_blk.c, drivers/mmc/core/block.c).
 */
export function controllersByName(view: MachineView, device: string): string[] {
  const fits = familyOf(device);
  if (fits === undefined) return [];
  return view.functions
    .filter(({ config }) => !config.isAbsent && config.headerType === 0 && fits(config))
    .map(({ name }) => name);
}

function familyOf(device: string): ((config: ConfigReader) => boolean) | undefined {
  if (/^nvme\d/.test(device)) return ({ classCode }) => classCode >>> 8 === NON_VOLATILE;
  if (/^mmcblk\d/.test(device)) return ({ classCode }) => classCode >>> 8 === SD_HOST;
  if (/^vd[a-z]/.test(device)) return (config) => isVirtio(config, virtioBlock);
  if (/^[sh]d[a-z]/.test(device)) {
    return (config) =>
      config.u16(0) === VIRTIO
        ? isVirtio(config, virtioScsi)
        : config.classCode >>> 16 === MASS_STORAGE && config.classCode >>> 8 !== NON_VOLATILE;
  }
  return undefined;
}

function isVirtio(config: ConfigReader, devices: readonly number[]): boolean {
  return config.u16(0) === VIRTIO && devices.includes(config.u16(2));
}
