import type { MmconfigAccess, Type1ConfigAccess } from '../../services/config-access.ts';
import type { MiniMachine } from './mini-machine.ts';

/** Type 1 accesses of a machine: segment 0, 256 bytes. */
export function type1Of(machine: MiniMachine): Type1ConfigAccess {
  const { topology } = machine;
  const read = (size: number) => (bus: number, device: number, fn: number, offset: number) => {
    machine.checkAccess(offset, size, 256);
    return topology.read(bus, device, fn, offset, size);
  };
  const write =
    (size: number) => (bus: number, device: number, fn: number, offset: number, value: number) => {
      machine.checkAccess(offset, size, 256);
      machine.note('config', bus, device * 8 + fn, offset, size, value);
      topology.write(bus, device, fn, offset, size, value);
    };
  return {
    read8: read(1),
    read16: read(2),
    read32: read(4),
    write8: write(1),
    write16: write(2),
    write32: write(4),
  };
}

/** MMCONFIG of a machine: 4,096 bytes, of which those above 255 are zero. Only segment 0 answers. */
export function mmconfigOf(machine: MiniMachine): MmconfigAccess {
  const { topology } = machine;
  const read =
    (size: number) => (segment: number, bus: number, device: number, fn: number, offset: number) => {
      machine.checkAccess(offset, size, 4096);
      if (segment !== 0) return 256 ** size - 1;
      return topology.read(bus, device, fn, offset, size);
    };
  const write =
    (size: number) =>
    (segment: number, bus: number, device: number, fn: number, offset: number, value: number) => {
      machine.checkAccess(offset, size, 4096);
      machine.note('config', bus, device * 8 + fn, offset, size, value);
      if (segment === 0) topology.write(bus, device, fn, offset, size, value);
    };
  return {
    read8: read(1),
    read16: read(2),
    read32: read(4),
    write8: write(1),
    write16: write(2),
    write32: write(4),
  };
}
