import type { FirmwareServices, HostBridge } from '@quiesce/strategy';
import type { Kernel } from '../kernel/kernel.ts';
import type { World } from '../world/world.ts';

const BRIDGE_CONTROL = 0x3e;
const SECONDARY_BUS_RESET = 0x40;
/** Trst, and the time before the first config request (PCIe 6.6.1). */
const RESET_MS = { held: 2, quiet: 100 };
/** Firmware asks this often whether everything answers, and gives up after a second (PCIe 6.6.1). */
const READY_MS = { poll: 10, timeout: 1000 };

/** What a kernel can ask firmware for: resets of host bridges, where the platform has them. */
export function firmwareServices(kernel: Kernel, wait: (ms: number) => void): FirmwareServices {
  const { machine } = kernel.world;
  const hostBridges = machine.platform.hostBridgeReset
    ? machine.rootComplexes.map(({ segment, firstBus }) => ({ segment, bus: firstBus }))
    : [];
  return {
    hostBridges,
    resetHostBridge: (bridge) => {
      if (!hostBridges.some((one) => one.segment === bridge.segment && one.bus === bridge.bus)) return;
      setRootPortsInReset(kernel.world, bridge, true);
      wait(RESET_MS.held);
      setRootPortsInReset(kernel.world, bridge, false);
      wait(RESET_MS.quiet);
      for (let waited = 0; waited < READY_MS.timeout && !isReady(kernel.world, bridge); ) {
        wait(READY_MS.poll);
        waited += READY_MS.poll;
      }
    },
  };
}

/** Nothing below the host bridge answers retry status any more; what is dead is not waited for. */
function isReady(world: World, { segment, bus }: HostBridge): boolean {
  return world.hardware.hierarchy.functions.every((fn) => {
    let root = fn;
    while (root.parent !== undefined) root = root.parent;
    const elsewhere = fn.description.segment !== segment || root.description.bus !== bus;
    return elsewhere || fn.readiness.dead || world.now >= fn.readiness.readyAt;
  });
}

/** Firmware has its own way to config space, whatever the kernel has set up. */
function setRootPortsInReset(world: World, { segment, bus }: HostBridge, asserted: boolean): void {
  const { hierarchy } = world.hardware;
  for (let slot = 0; slot < 32; slot++) {
    for (let fn = 0; fn < 8; fn++) {
      const found = hierarchy.visibleAt(segment, bus, slot, fn);
      if (found?.isBridge !== true) continue;
      const control = hierarchy.configRead(segment, bus, slot, fn, BRIDGE_CONTROL, 2);
      const value = asserted ? control | SECONDARY_BUS_RESET : control & ~SECONDARY_BUS_RESET;
      hierarchy.configWrite(segment, bus, slot, fn, BRIDGE_CONTROL, 2, value);
    }
  }
}
