import type { DeviceList, PciDevice } from '@quiesce/strategy';

/** A kernel's devices as a strategy may walk them. */
export function deviceList(devices: readonly PciDevice[]): DeviceList {
  return {
    length: devices.length,
    find: (segment, bus, device, fn) =>
      devices.find(
        (one) => one.segment === segment && one.bus === bus && one.device === device && one.fn === fn,
      ),
    [Symbol.iterator]: () => devices[Symbol.iterator](),
  };
}
