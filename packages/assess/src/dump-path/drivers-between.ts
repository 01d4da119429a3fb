/** Where a driver stands between a disk or an interface and the driver of its PCI function, by the folder of the device. */
const byFolder: readonly (readonly [pattern: RegExp, driver: string])[] = [
  [/\/virtio\d{1,6}\/block\//, 'virtio_blk'],
  [/\/virtio\d{1,6}\/host\d/, 'virtio_scsi'],
  [/\/virtio\d{1,6}\/net\//, 'virtio_net'],
  [/\/usb\d{1,6}\/.{1,2000}\/host\d/, 'usb-storage'],
];

/** Drivers beside that of the function, as far as a name and a folder below `/sys` tell: `sd`, `virtio_blk`, … */
export function driversBetween(name: string, folder: string): string[] {
  const found = byFolder
    .filter(([pattern]) => pattern.test(folder.slice(0, 4096)))
    .map(([, driver]) => driver);
  return /^sd[a-z]/.test(name) ? ['sd', ...found] : found;
}
