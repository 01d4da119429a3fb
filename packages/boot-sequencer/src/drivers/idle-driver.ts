import type { DeviceDriver } from './driver-host.ts';
import { answers, enableDevice } from './pci-function.ts';

const NAME = 'pci-stub';

/** A driver that binds and does no more than enable its device. */
export const idleDriver: DeviceDriver = {
  kind: 'idle',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: false,
    resetsBeforeMap: true,
    setUpMs: 0,
    resetTimeoutMs: 0,
    proofTimeoutMs: 0,
    queueDepth: 0,
    bufferBytes: 4,
  },
  start(host, device) {
    if (answers(host, device)) enableDevice(host, device, NAME);
  },
  service() {
    // It never interrupts.
  },
  probe(host, device) {
    if (!answers(host, device)) return 'failed';
    enableDevice(host, device, NAME);
    return 'working';
  },
  maskInterrupts() {
    // It has none.
  },
};
