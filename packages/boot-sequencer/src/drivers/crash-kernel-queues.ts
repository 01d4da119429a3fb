import type { DriverDevice } from './driver-host.ts';

/** A kernel that runs in a small reservation gives its devices few buffers (`is_kdump_kernel`, `reset_devices`). */
const DEPTH = 16;

/** The same device with the short queues that a crash kernel gives it. */
export function withShortQueues(device: DriverDevice): DriverDevice {
  const queueDepth = Math.min(DEPTH, device.traits.queueDepth);
  return { ...device, traits: { ...device.traits, queueDepth } };
}
