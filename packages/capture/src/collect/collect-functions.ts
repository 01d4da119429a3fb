import type { MachineReader } from './machine-reader.ts';
import { functionAttributes, functionLinks } from './what-is-read.ts';

/** Config space of PCI Express (PCIe 6.0, 7.2.2). */
const configBytes = 4096;

/** Domain, bus, device and function as sysfs writes them; behind a VMD the domain has five digits. */
const functionName = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;

/** Each PCI function: its config space, its attributes, what drives it. */
export function collectFunctions(reader: MachineReader, onProgress: (what: string) => void): void {
  const folder = 'sys/bus/pci/devices';
  const names = reader.names(folder);
  for (const [index, name] of names.entries()) {
    const path = `${folder}/${name}`;
    if (!functionName.test(name)) {
      reader.fail(path, 'this is no name of a function');
      continue;
    }
    onProgress(`function ${index + 1} of ${names.length}`);
    reader.takeBytes(`${path}/config`, configBytes);
    for (const attribute of functionAttributes) reader.takeText(`${path}/${attribute}`, { optional: true });
    for (const link of functionLinks) reader.takeLink(`${path}/${link}`);
    reader.takeNames(`${path}/msi_irqs`);
  }
}
