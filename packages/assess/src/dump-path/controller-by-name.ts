import type { MachineView } from '../functions/machine-view.ts';

const MASS_STORAGE = 0x01;
const NON_VOLATILE = 0x0108;
const SD_HOST = 0x0805;
const VIRTIO = 0x1af4;

/**
 * Controllers that a block device can hang on by its name alone, where no source says on which one it does: `nvme…` on
 * NVM Express, `sd…` on other mass storage, `vd…` on virtio, `mmcblk…` on SD hosts (names of drivers/nvme, drivers/scsi/sd.c,
 * drivers/block/virtio_blk.c, drivers/mmc/core/block.c).
 */
export function controllersByName(view: MachineView, device: string): string[] {
  const fits = familyOf(device);
  if (fits === undefined) return [];
  return view.functions
    .filter(
      ({ config }) =>
        !config.isAbsent && config.headerType === 0 && fits(config.classCode >>> 8, config.u16(0)),
    )
    .map(({ name }) => name);
}

function familyOf(device: string): ((classCode: number, vendor: number) => boolean) | undefined {
  if (/^nvme\d/.test(device)) return (code) => code === NON_VOLATILE;
  if (/^mmcblk\d/.test(device)) return (code) => code === SD_HOST;
  if (/^vd[a-z]/.test(device)) return (code, vendor) => vendor === VIRTIO && code >>> 8 === MASS_STORAGE;
  if (/^[sh]d[a-z]/.test(device)) {
    return (code, vendor) => code >>> 8 === MASS_STORAGE && code !== NON_VOLATILE && vendor !== VIRTIO;
  }
  return undefined;
}
