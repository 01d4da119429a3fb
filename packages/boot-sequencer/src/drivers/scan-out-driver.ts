import { DISPLAY_PIPE, displayPlane } from '@quiesce/pcie-model';
import { bringUp } from './bring-up.ts';
import { DeviceRegisters, waitUntil } from './device-registers.ts';
import { type DmaBuffer, mapBuffer } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import { answers, enableDevice, findMemoryBar, probeFailed } from './pci-function.ts';

const NAME = 'i915';
const field = displayPlane.field;

function open(host: DriverHost, device: DriverDevice): DeviceRegisters | undefined {
  const base = findMemoryBar(host, device, 0, DISPLAY_PIPE);
  return base === undefined ? undefined : new DeviceRegisters(host, base + DISPLAY_PIPE);
}

/** Shows a new frame buffer of `queueDepth` lines. */
function start(host: DriverHost, device: DriverDevice): DeviceRegisters | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME);
  const plane = open(host, device);
  if (plane === undefined) return probeFailed(host, device, NAME);
  const { queueDepth, bufferBytes } = device.traits;
  const buffer = bringUp<DmaBuffer>(host, device, {
    reset: () => {
      plane.only(field['DSPCNTR.ENABLE'], 0);
      return plane.waitFor(field['DSPCNTR.ENABLE'], 0, device.traits.resetTimeoutMs);
    },
    map: () => mapBuffer(host, queueDepth * bufferBytes, 'to-device'),
  });
  // The surface register has 32 bits.
  if (buffer === undefined || buffer.device >= 0x1_0000_0000) return undefined;
  plane.write(field['DSPSTRIDE.STRIDE'].offset, bufferBytes);
  plane.only(field['DSPSIZE.LINES'], queueDepth - 1);
  plane.write(field['DSPSURF.BASE'].offset, buffer.device);
  plane.only(field['DSPCNTR.ENABLE'], 1);
  return plane;
}

export const scanOutDriver: DeviceDriver = {
  kind: 'scan-out',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: true,
    resetsBeforeMap: false,
    setUpMs: 1,
    resetTimeoutMs: 100,
    proofTimeoutMs: 100,
    queueDepth: 64,
    bufferBytes: 4096,
  },
  start(host, device) {
    start(host, device);
  },
  service() {
    // Without interrupts there is nothing to acknowledge.
  },
  probe(host, device) {
    const plane = start(host, device);
    if (plane === undefined) return 'failed';
    const moves = (): boolean => plane.get(field['PIPEDSL.LINE']) + plane.get(field['PIPEFRAME.COUNT']) > 0;
    return waitUntil(host, device.traits.proofTimeoutMs, moves) ? 'working' : 'failed';
  },
  maskInterrupts() {
    // It has none.
  },
};
