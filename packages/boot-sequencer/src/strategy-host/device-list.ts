import type { DeviceList, PciDevice } from '@quiesce/strategy';
import { deviceNodes } from '../kernel/device-nodes.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** A kernel's devices as a strategy may walk them. */
export function deviceList(devices: readonly PciDevice[]): DeviceList {
  return listOf(() => devices);
}

/**
 * The devices of a kernel that has crashed, as the list in its memory names them now: each walk follows its pointers.
 * `access` is told of each node.
 */
export function crashedDeviceList(kernel: Kernel, access: () => void): DeviceList {
  return listOf(() => deviceNodes(kernel).walk(access));
}

function listOf(walk: () => Iterable<PciDevice>): DeviceList {
  return {
    get length() {
      return [...walk()].length;
    },
    find: (segment, bus, device, fn) => {
      for (const one of walk()) {
        if (one.segment === segment && one.bus === bus && one.device === device && one.fn === fn) return one;
      }
      return undefined;
    },
    [Symbol.iterator]: () => walk()[Symbol.iterator](),
  };
}
