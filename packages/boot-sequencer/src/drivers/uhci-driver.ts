import { uhciRegisters } from '@quiesce/pcie-model';
import type { Field } from '@quiesce/simulation';
import { bringUp } from './bring-up.ts';
import { waitUntil } from './device-registers.ts';
import { type DmaBuffer, mapBuffer } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import { answers, disableDevice, enableDevice, findIoBar, probeFailed } from './pci-function.ts';

const NAME = 'uhci_hcd';
const field = uhciRegisters.field;

/** Legacy support in config space: its write-1-to-clear bits, and the traps that make firmware notice (UHCI 5.2.1). */
const LEGACY_SUPPORT = 0xc0;
const LEGACY_CLEAR = 0x8f00;
const LEGACY_KEPT = 0x5040;

const FRAMES = 1024;
const TERMINATE = 1;
const QUEUE_HEAD = 2;
/** Active, with an interrupt on completion; IN, eight bytes, device 1 (UHCI 3.2). */
const ACTIVE = 1 << 23;
const TRANSFER_STATUS = ACTIVE | (1 << 24);
const TRANSFER_TOKEN = ((7 << 21) | (1 << 8) | 0x69) >>> 0;
/** Places in the page behind the frame list. */
const HEAD = 0x1000;
const TRANSFER = HEAD + 0x20;
const BUFFER = HEAD + 0x40;

function mask(one: Field): number {
  return 1 << one.low;
}

/** `uhci_reset_hc`: nothing runs, interrupts or traps afterwards. False if the controller stays in reset. */
function resetController(host: DriverHost, device: DriverDevice, port: number): boolean {
  host.configWrite(device.place, LEGACY_SUPPORT, 2, LEGACY_CLEAR);
  const command = port + field['USBCMD.RS'].offset;
  host.ioWrite(command, 2, mask(field['USBCMD.HCRESET']));
  const left = (): boolean => (host.ioRead(command, 2) & mask(field['USBCMD.HCRESET'])) === 0;
  const done = waitUntil(host, device.traits.resetTimeoutMs, left);
  if (!done) host.log(`${NAME} ${device.name}: HCRESET not completed yet!`);
  host.ioWrite(port + field['USBINTR.IOC'].offset, 2, 0);
  host.ioWrite(command, 2, 0);
  return done;
}

/** Frame list, a queue head in each frame, one transfer in the queue. UHCI has 32-bit addresses only. */
function mapSchedule(host: DriverHost): DmaBuffer | undefined {
  const schedule = mapBuffer(host, HEAD + 0x1000, 'both');
  if (schedule === undefined || schedule.device + HEAD >= 0x1_0000_0000) return undefined;
  const { physical, device } = schedule;
  for (let frame = 0; frame < FRAMES; frame++)
    host.writeMemory32(physical + frame * 4, (device + HEAD) | QUEUE_HEAD);
  host.writeMemory32(physical + HEAD, TERMINATE);
  host.writeMemory32(physical + HEAD + 4, device + TRANSFER);
  host.writeMemory32(physical + TRANSFER, TERMINATE);
  host.writeMemory32(physical + TRANSFER + 4, TRANSFER_STATUS);
  host.writeMemory32(physical + TRANSFER + 8, TRANSFER_TOKEN);
  host.writeMemory32(physical + TRANSFER + 12, device + BUFFER);
  return schedule;
}

function start(host: DriverHost, device: DriverDevice): { port: number; schedule: DmaBuffer } | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME);
  const port = findIoBar(host, device, 4);
  if (port === undefined) return probeFailed(host, device, NAME);
  const schedule = bringUp(host, device, {
    reset: () => resetController(host, device, port),
    map: () => mapSchedule(host),
  });
  if (schedule === undefined) return undefined;
  if (host.setUpInterrupt()) host.ioWrite(port + field['USBINTR.IOC'].offset, 2, mask(field['USBINTR.IOC']));
  host.ioWrite(port + field['FRBASEADD.BASE'].offset, 4, schedule.device);
  host.ioWrite(port + field['FRNUM.FRAME'].offset, 2, 0);
  host.ioWrite(port + field['USBCMD.RS'].offset, 2, mask(field['USBCMD.RS']) | mask(field['USBCMD.CF']));
  return { port, schedule };
}

export const uhciDriver: DeviceDriver = {
  kind: 'uhci',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: true,
    resetsBeforeMap: true,
    setUpMs: 1,
    resetTimeoutMs: 10,
    proofTimeoutMs: 50,
    queueDepth: 1,
    bufferBytes: 8,
  },
  start(host, device) {
    start(host, device);
  },
  service(host, device) {
    const port = findIoBar(host, device, 4);
    if (port !== undefined)
      host.ioWrite(port + field['USBSTS.USBINT'].offset, 2, mask(field['USBSTS.USBINT']));
  },
  probe(host, device) {
    const up = start(host, device);
    if (up === undefined) return 'failed';
    const { port, schedule } = up;
    const transfer = schedule.physical + TRANSFER + 4;
    const done = waitUntil(
      host,
      device.traits.proofTimeoutMs,
      () => (host.readMemory32(transfer) & ACTIVE) === 0,
    );
    if (!done) host.log(`${NAME} ${device.name}: host controller process error, something bad happened!`);
    // Nothing is plugged in: the root hub is suspended (`suspend_rh`).
    host.ioWrite(port + field['USBCMD.RS'].offset, 2, mask(field['USBCMD.CF']));
    return done ? 'working' : 'failed';
  },
  maskInterrupts(host, device) {
    const port = findIoBar(host, device, 4);
    if (port !== undefined) host.ioWrite(port + field['USBINTR.IOC'].offset, 2, 0);
  },
  /** `quirk_usb_handoff_uhci`: enabled, looked at, reset if it may run, and disabled again. */
  earlyHandoff(host, device) {
    if (!answers(host, device)) return;
    enableDevice(host, device, 'pci');
    const port = findIoBar(host, device, 4);
    if (port !== undefined) {
      const command = host.ioRead(port + field['USBCMD.RS'].offset, 2);
      const legacy = host.configRead(device.place, LEGACY_SUPPORT, 2);
      const enabled = host.ioRead(port + field['USBINTR.IOC'].offset, 2);
      const trapped = (legacy & ~(LEGACY_CLEAR | LEGACY_KEPT)) !== 0;
      const configured = (command & mask(field['USBCMD.CF'])) !== 0;
      if (trapped || !configured || enabled !== 0 || (command & mask(field['USBCMD.RS'])) !== 0) {
        resetController(host, device, port);
      }
    }
    disableDevice(host, device);
  },
};
