import type { DriverDevice, DriverHost } from './driver-host.ts';
import { setMaster } from './pci-function.ts';

/** What differs between drivers while a device is brought up. */
export interface BringUpSteps<Buffers> {
  /** Resets the device by its own registers. False if it does not come back. */
  reset(): boolean;
  /** Allocates and maps all buffers. Undefined if one cannot be mapped. */
  map(): Buffers | undefined;
}

/**
 * Bus mastering, mapping and reset in the order that the driver's traits say. Time passes before the reset, in which
 * a device that still has work resumes it.
 */
export function bringUp<Buffers>(
  host: DriverHost,
  device: DriverDevice,
  steps: BringUpSteps<Buffers>,
): Buffers | undefined {
  const { mastersBeforeReset, resetsBeforeMap, setUpMs } = device.traits;
  let buffers: Buffers | undefined;
  if (mastersBeforeReset) setMaster(host, device);
  if (!resetsBeforeMap) {
    buffers = steps.map();
    if (buffers === undefined) return undefined;
  }
  host.delay(setUpMs);
  if (!steps.reset()) return undefined;
  if (resetsBeforeMap) buffers = steps.map();
  if (buffers !== undefined && !mastersBeforeReset) setMaster(host, device);
  return buffers;
}
