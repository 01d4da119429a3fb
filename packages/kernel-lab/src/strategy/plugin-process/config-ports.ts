import type { ConfigPort } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import { ecamAddress } from '../../guest/ecam-address.ts';
import type { AccessSize } from '../../guest/stopped-guest.ts';
import type { SynchronousGuest } from './synchronous-guest.ts';

const ADDRESS_PORT = 0xcf8;
const DATA_PORT = 0xcfc;
const ENABLE = 0x8000_0000;
const ALL_ONES = [0, 0xff, 0xffff, 0, 0xffff_ffff];

/** Configuration mechanism #1: segment 0, 256 bytes, the way of a kernel's early helpers: latch, then data. */
export function type1Port(guest: SynchronousGuest): ConfigPort {
  const select = (bus: number, device: number, fn: number, offset: number): number => {
    guest.writePort(ADDRESS_PORT, 4, ENABLE + (bus << 16) + (device << 11) + (fn << 8) + (offset & 0xfc));
    return DATA_PORT + (offset & 3);
  };
  return {
    read: (segment, bus, device, fn, offset, size) => {
      if (segment !== 0 || offset > 255) return ALL_ONES[size] as number;
      return guest.readPort(select(bus, device, fn, offset), size as AccessSize);
    },
    write: (segment, bus, device, fn, offset, size, value) => {
      if (segment !== 0 || offset > 255) return;
      guest.writePort(select(bus, device, fn, offset), size as AccessSize, value);
    },
  };
}

/** The memory-mapped way. Where no window of the machine shows a bus, nothing answers. */
export function ecamPort(guest: SynchronousGuest, machine: Machine): ConfigPort {
  const addressOf = (segment: number, bus: number, device: number, fn: number): number | undefined => {
    const root = machine.rootComplexes.find(
      (one) => one.segment === segment && bus >= one.firstBus && bus <= one.lastBus,
    );
    if (root?.ecamBase === undefined) return undefined;
    return ecamAddress(root.ecamBase, bus, device, fn);
  };
  return {
    read: (segment, bus, device, fn, offset, size) => {
      const base = addressOf(segment, bus, device, fn);
      if (base === undefined) return ALL_ONES[size] as number;
      return guest.read(base + offset, size as AccessSize);
    },
    write: (segment, bus, device, fn, offset, size, value) => {
      const base = addressOf(segment, bus, device, fn);
      if (base !== undefined) guest.write(base + offset, size as AccessSize, value);
    },
  };
}

/** The same port; `access` is told before each access. */
export function watchedPort(port: ConfigPort, access: () => void): ConfigPort {
  return {
    read: (segment, bus, device, fn, offset, size) => {
      access();
      return port.read(segment, bus, device, fn, offset, size);
    },
    write: (segment, bus, device, fn, offset, size, value) => {
      access();
      port.write(segment, bus, device, fn, offset, size, value);
    },
  };
}
