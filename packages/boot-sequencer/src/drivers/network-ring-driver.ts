import {
  InterruptCause,
  networkGeneral,
  RECEIVE_QUEUE,
  RECEIVE_QUEUE_ALIAS,
  receiveQueue,
} from '@quiesce/pcie-model';
import { Command } from '../pci/registers.ts';
import { bringUp } from './bring-up.ts';
import { withShortQueues } from './crash-kernel-queues.ts';
import { DeviceRegisters, waitUntil } from './device-registers.ts';
import { type DmaBuffer, lowHigh, mapBuffer, mapEachBuffer, writeAddress } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost, DriverTraits, ProbeResult } from './driver-host.ts';
import { answers, enableDevice, findMemoryBar, probeFailed } from './pci-function.ts';

const NAME = 'e1000e';
const general = networkGeneral.field;
const queue = receiveQueue.field;
const DESCRIPTOR_BYTES = 16;
/** Receive, transmit, and what else there is. */
const VECTORS = 3;
/** RCTL.BSIZE by bytes (82574 datasheet 10.2.5.1). */
const BUFFER_SIZES: readonly number[] = [2048, 1024, 512, 256];
const MASTER_DISABLE_MS = 80;
const RESET_MS = 1;

interface Nic {
  readonly general: DeviceRegisters;
  readonly queue: DeviceRegisters;
}

function open(host: DriverHost, device: DriverDevice): Nic | undefined {
  for (const at of [RECEIVE_QUEUE, RECEIVE_QUEUE_ALIAS]) {
    const base = findMemoryBar(host, device, 0, at);
    if (base === undefined) continue;
    const nic = { general: new DeviceRegisters(host, base), queue: new DeviceRegisters(host, base + at) };
    // Something else may stand at the start of the BAR, such as an MSI-X table.
    if (nic.general.get(general['STATUS.FD']) === 1) return nic;
  }
  return undefined;
}

/** As `e1000_reset_hw` does: no more requests, interrupts masked, then the global reset. */
function reset(host: DriverHost, device: DriverDevice, nic: Nic): boolean {
  nic.general.set(general['CTRL.GIO_MASTER_DISABLE'], 1);
  if (!nic.general.waitFor(general['STATUS.GIO_MASTER_ENABLE'], 0, MASTER_DISABLE_MS)) {
    host.log(`${NAME} ${device.name}: PCI-E Master disable polling has failed`);
  }
  nic.general.only(general['IMC.CAUSES'], 0x1ff_ffff);
  nic.general.only(general['RCTL.EN'], 0);
  nic.general.only(general['CTRL.RST'], 1);
  host.delay(RESET_MS);
  return nic.general.waitFor(general['CTRL.RST'], 0, device.traits.resetTimeoutMs);
}

function descriptorCount(traits: DriverTraits): number {
  return Math.max(8, traits.queueDepth - (traits.queueDepth % 8));
}

/** Ring and buffers; returns the ring. */
function mapRing(host: DriverHost, device: DriverDevice): DmaBuffer | undefined {
  const count = descriptorCount(device.traits);
  const ring = mapBuffer(host, count * DESCRIPTOR_BYTES, 'both');
  if (ring === undefined) return undefined;
  const { bufferBytes } = device.traits;
  const complete = mapEachBuffer(host, count, bufferBytes, 'from-device', (index, _physical, buffer) => {
    writeAddress(host, ring.physical + index * DESCRIPTOR_BYTES, buffer);
  });
  return complete ? ring : undefined;
}

function program(device: DriverDevice, nic: Nic, ring: DmaBuffer, interrupts: boolean): void {
  const count = descriptorCount(device.traits);
  const [low, high] = lowHigh(ring.device);
  nic.queue.write(queue['RDBAL.BASE'].offset, low);
  nic.queue.write(queue['RDBAH.BASE'].offset, high);
  nic.queue.write(queue['RDLEN.LEN'].offset, count * DESCRIPTOR_BYTES);
  nic.queue.only(queue['RDH.HEAD'], 0);
  nic.queue.only(queue['RDT.TAIL'], count - 1);
  if (interrupts) {
    nic.general.only(general['IMS.CAUSES'], InterruptCause.receiveTimer | InterruptCause.linkStatusChange);
  }
  nic.general.set(general['CTRL.SLU'], 1);
  const size = Math.max(0, BUFFER_SIZES.indexOf(device.traits.bufferBytes));
  nic.general.only(general['RCTL.BSIZE'], size);
  nic.general.set(general['RCTL.EN'], 1);
}

function start(
  host: DriverHost,
  device: DriverDevice,
): { nic: Nic; ring: DmaBuffer; interrupts: boolean } | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME, Command.memory);
  const nic = open(host, device);
  if (nic === undefined) return probeFailed(host, device, NAME);
  const ring = bringUp(host, device, {
    reset: () => reset(host, device, nic),
    map: () => mapRing(host, device),
  });
  if (ring === undefined) {
    host.log(`${NAME} ${device.name}: Hardware Error`);
    return undefined;
  }
  const interrupts = host.setUpInterrupt(VECTORS);
  program(device, nic, ring, interrupts);
  return { nic, ring, interrupts };
}

/** A kernel without the interrupts of its network card has no network: the test is the driver's own (ICS). */
function interruptArrives(host: DriverHost, nic: Nic, timeoutMs: number): boolean {
  nic.general.only(general['ICS.CAUSES'], InterruptCause.linkStatusChange);
  return waitUntil(host, timeoutMs, () => host.interruptSeen());
}

export const networkRingDriver: DeviceDriver = {
  kind: 'network-ring',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: true,
    resetsBeforeMap: true,
    setUpMs: 1,
    resetTimeoutMs: 20,
    proofTimeoutMs: 50,
    queueDepth: 1280,
    bufferBytes: 256,
  },
  start(host, device) {
    start(host, device);
  },
  service(host, device) {
    const nic = open(host, device);
    if (nic === undefined) return;
    nic.general.read(general['ICR.CAUSES'].offset);
    const count = descriptorCount(device.traits);
    const head = nic.queue.get(queue['RDH.HEAD']);
    nic.queue.only(queue['RDT.TAIL'], (head + count - 1) % count);
  },
  probe(host, given): ProbeResult {
    const device = withShortQueues(given);
    const up = start(host, device);
    if (up === undefined) return 'failed';
    const { nic, ring, interrupts } = up;
    const timeoutMs = device.traits.proofTimeoutMs;
    if (interrupts && !interruptArrives(host, nic, timeoutMs)) {
      host.log(`${NAME} ${device.name}: MSI interrupt test failed!`);
      return 'failed';
    }
    const received = (): boolean => nic.queue.get(queue['RDH.HEAD']) > 0;
    // Nobody may be sending: a link is enough then. What was received has to be in memory, though.
    if (!waitUntil(host, timeoutMs, received)) {
      return nic.general.get(general['STATUS.LU']) === 1 ? 'working' : 'failed';
    }
    const done = (host.readMemory32(ring.physical + 12) & 1) === 1;
    nic.general.only(general['RCTL.EN'], 0);
    return done ? 'working' : 'failed';
  },
  maskInterrupts(host, device) {
    open(host, device)?.general.only(general['IMC.CAUSES'], 0x1ff_ffff);
  },
};
