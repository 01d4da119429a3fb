import type { ConfigPort } from '../pci/config-port.ts';
import type { World } from '../world/world.ts';

const ALL_ONES = [0, 0xff, 0xffff, 0, 0xffff_ffff];

/** Configuration mechanism #1: segment 0, 256 bytes. */
export function type1Port(world: World): ConfigPort {
  const { type1 } = world.hardware;
  return {
    read: (segment, bus, device, fn, offset, size) => {
      world.configWatch?.(segment, bus, device, fn, offset, size, undefined);
      if (segment !== 0 || offset > 255) return ALL_ONES[size] as number;
      return type1.read(bus, device, fn, offset, size as 1 | 2 | 4);
    },
    write: (segment, bus, device, fn, offset, size, value) => {
      world.configWatch?.(segment, bus, device, fn, offset, size, value);
      if (segment === 0 && offset < 256) type1.write(bus, device, fn, offset, size as 1 | 2 | 4, value);
    },
  };
}

/** MMCONFIG: all segments, 4,096 bytes. */
export function ecamPort(world: World): ConfigPort {
  const { hierarchy } = world.hardware;
  return {
    read: (segment, bus, device, fn, offset, size) => {
      world.configWatch?.(segment, bus, device, fn, offset, size, undefined);
      return hierarchy.configRead(segment, bus, device, fn, offset, size as 1 | 2 | 4);
    },
    write: (segment, bus, device, fn, offset, size, value) => {
      world.configWatch?.(segment, bus, device, fn, offset, size, value);
      hierarchy.configWrite(segment, bus, device, fn, offset, size as 1 | 2 | 4, value);
    },
  };
}
