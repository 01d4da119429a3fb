import type { RemappingUnitHandle } from '@quiesce/strategy';
import type { World } from '../world/world.ts';

/** The machine's units as software reaches them: registers by memory accesses of the CPU. */
export function unitHandles(world: World): RemappingUnitHandle[] {
  const { fabric, unitFor } = world.hardware;
  return world.machine.units.map((description, index) => {
    const unit = world.hardware.units[index];
    const base = description.registerBase;
    return {
      name: description.name,
      architecture: description.architecture,
      segment: description.segment,
      covers: (requesterId) => unit !== undefined && unitFor(description.segment, requesterId) === unit,
      read32: (offset) => fabric.mmioRead(base + offset, 4),
      write32: (offset, value) => fabric.mmioWrite(base + offset, 4, value),
    };
  });
}
