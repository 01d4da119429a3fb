import { type CapturedFile, type ImportedCapture, importCapture } from '@quiesce/machine';

/** Functions of a host that does not exist, by class: SATA, NVMe twice, a RAID controller, Ethernet twice, virtio. */
const functions: Readonly<Record<string, readonly [id: string, classCode: number, driver: string]>> = {
  '0000:00:00.0': ['8086:29c0', 0x060000, ''],
  '0000:00:1f.2': ['8086:2922', 0x010601, 'ahci'],
  '0000:00:04.0': ['8086:10d3', 0x020000, 'e1000e'],
  '0000:00:05.0': ['8086:1521', 0x020000, 'igb'],
  '0000:00:06.0': ['8086:5845', 0x010802, 'nvme'],
  '0000:00:07.0': ['8086:5845', 0x010802, 'nvme'],
  '0000:00:08.0': ['1000:005d', 0x010400, 'megaraid_sas'],
  '0000:00:09.0': ['1af4:1042', 0x010000, 'virtio-pci'],
  '0000:00:0a.0': ['1af4:105a', 0x018000, 'virtio-pci'],
};

/** A file of a made-up host: its text, or where a link leads. */
export type HostFile = string | { readonly link: string };

/** What somebody has of a made-up host: its functions, and the files given. */
export function madeUpHost(files: Readonly<Record<string, HostFile>>): ImportedCapture {
  const all: CapturedFile[] = Object.entries(functions).flatMap(([name, [id, classCode, driver]]) => {
    const folder = `sys/bus/pci/devices/${name}`;
    return [
      { path: `${folder}/config`, content: configOf(id, classCode) },
      ...(driver === ''
        ? []
        : [{ path: `${folder}/driver`, content: '', link: `../../../bus/pci/drivers/${driver}` }]),
    ];
  });
  for (const [path, file] of Object.entries(files)) {
    all.push(typeof file === 'string' ? { path, content: file } : { path, content: '', link: file.link });
  }
  return importCapture(all, { name: 'made up' });
}

function configOf(id: string, classCode: number): Uint8Array {
  const config = new Uint8Array(256);
  const view = new DataView(config.buffer);
  const [vendor, device] = id.split(':').map((part) => Number.parseInt(part, 16)) as [number, number];
  view.setUint16(0, vendor, true);
  view.setUint16(2, device, true);
  // Memory space and Bus Master Enable.
  view.setUint16(4, 6, true);
  view.setUint32(8, classCode * 256, true);
  return config;
}

/** A link of `/sys/class` to a device below a function. */
export function below(name: string, rest: string): HostFile {
  return { link: `../../devices/pci0000:00/${name}/${rest}` };
}

/** A link of `/sys/class` to a device that is made of others. */
export function virtual(rest: string): HostFile {
  return { link: `../../devices/virtual/${rest}` };
}
