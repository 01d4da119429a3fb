import type { PcieFunction } from '@quiesce/pcie-model';
import { type Address, milliseconds, type Nanoseconds, PAGE_SIZE, UserError } from '@quiesce/simulation';
import type { DriverHost } from '../drivers/driver-host.ts';
import { ecamPort } from '../kernel/config-ports.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { World } from '../world/world.ts';
import { bindDriver } from './machine-drivers.ts';

/** Firmware's devices do something at least this often, milliseconds: what was silent for longer has stopped. */
const SILENT_MS = 1000;

/**
 * Starts the devices that firmware runs (`driver.firmware`), before any kernel: their buffers are pages of the reserved
 * regions (RMRR) that name them, and the addresses that they use are physical ones. Nobody serves them afterwards.
 * @throws UserError `MACHINE_FIRMWARE` for a device without such a region, or with one that is too small
 */
export function startFirmwareTraffic(world: World): void {
  const { hierarchy } = world.hardware;
  for (const described of world.machine.functions) {
    if (described.driver.firmware !== true) continue;
    const fn = hierarchy.byName(described.name);
    if (fn === undefined) continue;
    const { segment, bus, device, fn: number } = fn.description;
    const place = { name: described.name, segment, bus, device, fn: number };
    const { driver, target } = bindDriver(described, place);
    driver.start(firmwareHost(world, fn), target);
  }
}

/** Whether all that firmware ran before the first kernel still reaches its memory now. */
export function firmwareVerdict(world: World): Outcome['firmwareTraffic'] {
  const names = world.machine.functions.filter((one) => one.driver.firmware === true).map((one) => one.name);
  if (names.length === 0) return 'none';
  const { hierarchy } = world.hardware;
  const since = world.now - milliseconds(SILENT_MS);
  const goesOn = (name: string): boolean => {
    const index = hierarchy.byName(name)?.index ?? -1;
    return (world.recorder.firmwareReachedAt.get(index) ?? Number.NEGATIVE_INFINITY) >= since;
  };
  return names.every(goesOn) ? 'kept' : 'stopped';
}

/** What firmware's code has of the machine: everything, and no remapping. It polls. */
function firmwareHost(world: World, fn: PcieFunction): DriverHost {
  const { fabric, memory } = world.hardware;
  const port = ecamPort(world);
  const writer = memory.writer('firmware');
  const allocate = reservedPages(world, fn);
  return {
    get now(): Nanoseconds {
      return world.now;
    },
    delay: (ms) => world.wait(ms),
    log: () => {},
    configRead: (at, offset, size) => port.read(at.segment, at.bus, at.device, at.fn, offset, size),
    configWrite: (at, offset, size, value) =>
      port.write(at.segment, at.bus, at.device, at.fn, offset, size, value),
    mmioRead32: (address) => fabric.mmioRead(address, 4),
    mmioWrite32: (address, value) => fabric.mmioWrite(address, 4, value),
    ioRead: (at, size) => fabric.ioRead(at, size as 1 | 2 | 4),
    ioWrite: (at, size, value) => fabric.ioWrite(at, size as 1 | 2 | 4, value),
    allocate,
    mapDma: (physical, bytes) => {
      world.recorder.buffers.give('firmware', fn.index, physical, bytes);
      return physical;
    },
    readMemory32: (physical) => memory.read32(physical),
    writeMemory32: (physical, value) => memory.write32(physical, value, writer),
    setUpInterrupt: () => false,
    disableInterrupt: () => {},
    interruptSeen: () => false,
  };
}

/** Hands out the pages of the function's reserved regions, upwards; they are empty when the machine starts. */
function reservedPages(world: World, fn: PcieFunction): (bytes: number) => Address {
  const regions = world.hardware.reservedRegions.filter(
    (one) => one.segment === fn.description.segment && one.requesterIds.includes(fn.requesterId),
  );
  let used = 0;
  return (bytes) => {
    const length = Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
    for (const { start, end } of regions) {
      const at = Math.ceil(start / PAGE_SIZE) * PAGE_SIZE + used;
      if (at + length > end) continue;
      used += length;
      return at;
    }
    throw new UserError('MACHINE_FIRMWARE', `firmware has no reserved memory for ${fn.name}`, {
      expected: `an RMRR that names it, with room for ${length} bytes more`,
    });
  };
}
