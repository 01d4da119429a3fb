import { type DeviceList, isDisplayClass, type PciDevice } from '@quiesce/strategy';

const ROOT_PORT = 4;
const DOWNSTREAM_PORT = 6;

/** Root ports and downstream ports with endpoints right below them, none of which is a display. */
export function findResettablePorts(devices: DeviceList): PciDevice[] {
  return [...devices].filter(
    (port) =>
      (port.pcieType === ROOT_PORT || port.pcieType === DOWNSTREAM_PORT) &&
      port.children.length > 0 &&
      port.children.every(mayBeReset),
  );
}

/** A switch or bridge is left to the ports further down; conventional PCI is left alone. */
function mayBeReset(child: PciDevice): boolean {
  return child.headerType === 0 && child.pcieType !== undefined && !isDisplayClass(child.classCode);
}
