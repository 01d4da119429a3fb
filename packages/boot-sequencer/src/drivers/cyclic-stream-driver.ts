import { streamController } from '@quiesce/pcie-model';
import { bringUp } from './bring-up.ts';
import { withShortQueues } from './crash-kernel-queues.ts';
import { bits, DeviceRegisters, waitUntil } from './device-registers.ts';
import { type DmaBuffer, lowHigh, mapBuffer, mapBuffers, writeAddress } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import { answers, enableDevice, findMemoryBar, probeFailed, setMaster } from './pci-function.ts';

const NAME = 'snd_hda_intel';
const field = streamController.field;
const CONTROL = field['SDCTL.RUN'].offset;
const RUN_WITH_INTERRUPT = bits(field['SDCTL.RUN']) | bits(field['SDCTL.IOCE']);
const STATUS_BITS = bits(field['SDCTL.BCIS']) + bits(field['SDCTL.DESE']);
const ENTRY_BYTES = 16;
const CODEC_MS = 1;

function open(host: DriverHost, device: DriverDevice): DeviceRegisters | undefined {
  const base = findMemoryBar(host, device, 0, field['GCAP.ISS'].offset);
  return base === undefined ? undefined : new DeviceRegisters(host, base);
}

/** The link into reset and out again; a codec has to report itself (`snd_hdac_bus_reset_link`). */
function reset(host: DriverHost, device: DriverDevice, hda: DeviceRegisters): boolean {
  const timeoutMs = device.traits.resetTimeoutMs;
  hda.only(field['GCTL.CRST'], 0);
  if (!hda.waitFor(field['GCTL.CRST'], 0, timeoutMs)) return false;
  host.delay(1);
  hda.only(field['GCTL.CRST'], 1);
  if (!hda.waitFor(field['GCTL.CRST'], 1, timeoutMs)) return false;
  host.delay(CODEC_MS);
  if (hda.get(field['STATESTS.SDIWAKE']) === 0) {
    host.log(`${NAME} ${device.name}: no codecs found!`);
    return false;
  }
  hda.only(field['STATESTS.SDIWAKE'], 1);
  return true;
}

/** Buffer descriptor list and periods; returns the list. */
function mapStream(host: DriverHost, device: DriverDevice, hda: DeviceRegisters): DmaBuffer | undefined {
  const { queueDepth, bufferBytes } = device.traits;
  const captures = hda.get(field['GCAP.ISS']) > 0;
  const list = mapBuffer(host, queueDepth * ENTRY_BYTES, 'to-device');
  const periods = mapBuffers(host, queueDepth, bufferBytes, captures ? 'from-device' : 'to-device');
  if (list === undefined || periods === undefined) return undefined;
  for (const [index, period] of periods.entries()) {
    const entry = list.physical + index * ENTRY_BYTES;
    writeAddress(host, entry, period.device);
    host.writeMemory32(entry + 8, bufferBytes);
    host.writeMemory32(entry + 12, 1);
  }
  return list;
}

function program(device: DriverDevice, hda: DeviceRegisters, list: DmaBuffer, interrupts: boolean): boolean {
  const { queueDepth, bufferBytes, resetTimeoutMs } = device.traits;
  hda.only(field['SDCTL.SRST'], 1);
  if (!hda.waitFor(field['SDCTL.SRST'], 1, resetTimeoutMs)) return false;
  hda.only(field['SDCTL.SRST'], 0);
  if (!hda.waitFor(field['SDCTL.SRST'], 0, resetTimeoutMs)) return false;
  const [low, high] = lowHigh(list.device);
  hda.write(field['SDBDPL.BASE'].offset, low);
  hda.write(field['SDBDPU.BASE'].offset, high);
  hda.write(field['SDCBL.LENGTH'].offset, queueDepth * bufferBytes);
  hda.only(field['SDLVI.LAST'], queueDepth - 1);
  if (interrupts)
    hda.write(field['INTCTL.GIE'].offset, bits(field['INTCTL.GIE']) + bits(field['INTCTL.SIE']));
  hda.write(CONTROL, RUN_WITH_INTERRUPT);
  return true;
}

function start(host: DriverHost, device: DriverDevice): DeviceRegisters | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME);
  const hda = open(host, device);
  if (hda === undefined) {
    // Only the chip's own reset tells (azx_init_chip), and that runs in the background (azx_probe_work): what the driver had
    // set up by then stays.
    host.setUpInterrupt();
    if (device.traits.mastersBeforeReset) setMaster(host, device);
    return probeFailed(host, device, NAME);
  }
  const list = bringUp(host, device, {
    reset: () => reset(host, device, hda),
    map: () => mapStream(host, device, hda),
  });
  if (list === undefined) return undefined;
  return program(device, hda, list, host.setUpInterrupt()) ? hda : undefined;
}

export const cyclicStreamDriver: DeviceDriver = {
  kind: 'cyclic-stream',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: true,
    resetsBeforeMap: false,
    setUpMs: 1,
    resetTimeoutMs: 100,
    proofTimeoutMs: 100,
    queueDepth: 4,
    // A period of 128 ms at 48 kHz, as applications choose it that ask for nothing.
    bufferBytes: 24_576,
  },
  start(host, device) {
    start(host, device);
  },
  service(host, device) {
    open(host, device)?.write(CONTROL, RUN_WITH_INTERRUPT + STATUS_BITS);
  },
  probe(host, given) {
    const device = withShortQueues(given);
    const hda = start(host, device);
    if (hda === undefined) return 'failed';
    // A period has passed: its data is where the list says, and the interrupt has come or will not.
    const done = waitUntil(host, device.traits.proofTimeoutMs, () => hda.get(field['SDCTL.BCIS']) === 1);
    const failed = hda.get(field['SDCTL.DESE']) === 1;
    if (done && !host.interruptSeen()) {
      host.log(`${NAME} ${device.name}: No response from codec, switching to polling mode`);
    }
    hda.write(CONTROL, STATUS_BITS);
    return done && !failed ? 'working' : 'failed';
  },
  maskInterrupts(host, device) {
    open(host, device)?.write(field['INTCTL.GIE'].offset, 0);
  },
};
