import type { DriverDevice } from './driver-host.ts';

/** A kernel that runs in a small reservation gives its devices few and small buffers (`is_kdump_kernel`). */
const DEPTH = 16;
const BUFFER_BYTES = 4096;

/** The same device with the short queues that a crash kernel gives it. */
export function withShortQueues(device: DriverDevice): DriverDevice {
  const queueDepth = Math.min(DEPTH, device.traits.queueDepth);
  const bufferBytes = Math.min(BUFFER_BYTES, device.traits.bufferBytes);
  return { ...device, traits: { ...device.traits, queueDepth, bufferBytes } };
}
