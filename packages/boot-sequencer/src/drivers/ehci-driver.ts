import { ehciCapability, ehciOperational } from '@quiesce/pcie-model';
import type { Address } from '@quiesce/simulation';
import { bringUp } from './bring-up.ts';
import { bits, DeviceRegisters, waitUntil } from './device-registers.ts';
import type { DmaBuffer } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import { ACTIVE, ASYNC_HEAD, mapSchedule, STATUS_TOKEN } from './ehci-schedule.ts';
import { answers, disableDevice, enableDevice, findMemoryBar, probeFailed } from './pci-function.ts';

const NAME = 'ehci-pci';
const capability = ehciCapability.field;
const field = ehciOperational.field;
const USBSTS = field['USBSTS.HSE'].offset;
const USBINTR = field['USBINTR.USBIE'].offset;

/** `INTR_MASK` of the driver; all causes there are, for the quirk. */
const INTERRUPTS =
  bits(field['USBINTR.USBIE']) |
  bits(field['USBINTR.USBEIE']) |
  bits(field['USBINTR.HSEE']) |
  bits(field['USBINTR.IAAE']);
const ALL_CAUSES = 0x3f;
const HALT_MS = 16;

/** Legacy support: its capability ID, firmware's semaphore, the SMI on a change of ownership (EHCI 2.1.7, 2.1.8). */
const LEGACY_ID = 1;
const BIOS_OWNED = 1 << 16;
const OWNERSHIP_SMI = 1 << 13;
const HAND_OVER_MS = 1000;
/** More capabilities than config space has room for are a circle. */
const CAPABILITIES = 64;

interface Controller {
  readonly base: Address;
  readonly registers: DeviceRegisters;
}

function open(host: DriverHost, device: DriverDevice): Controller | undefined {
  const length = capability['CAPLENGTH.LENGTH'].offset;
  const base = findMemoryBar(host, device, 0, length);
  if (base === undefined) return undefined;
  return { base, registers: new DeviceRegisters(host, base + (host.mmioRead32(base + length) & 0xff)) };
}

/** `ehci_halt` and `ehci_reset` */
function reset(device: DriverDevice, { registers }: Controller): boolean {
  registers.write(USBINTR, 0);
  registers.set(field['USBCMD.RS'], 0);
  if (!registers.waitFor(field['USBSTS.HCH'], 1, HALT_MS)) return false;
  registers.only(field['USBCMD.HCRESET'], 1);
  return registers.waitFor(field['USBCMD.HCRESET'], 0, device.traits.resetTimeoutMs);
}

/** `ehci_run`, then what the hub driver does: the device's descriptor by the asynchronous list, reports by the periodic one. */
function run(
  host: DriverHost,
  device: DriverDevice,
  { registers }: Controller,
  schedule: DmaBuffer,
  interrupts: boolean,
): boolean {
  registers.write(field['CTRLDSSEGMENT.HIGH'].offset, 0);
  registers.write(field['PERIODICLISTBASE.BASE'].offset, schedule.device);
  registers.write(field['ASYNCLISTADDR.LPL'].offset, schedule.device + ASYNC_HEAD);
  registers.only(field['USBCMD.RS'], 1);
  registers.only(field['CONFIGFLAG.CF'], 1);
  if (interrupts) registers.write(USBINTR, INTERRUPTS);
  registers.set(field['USBCMD.ASE'], 1);
  const answered = waitUntil(host, device.traits.proofTimeoutMs, () => {
    const active = (host.readMemory32(schedule.physical + STATUS_TOKEN) & ACTIVE) !== 0;
    return !active && (!interrupts || host.interruptSeen());
  });
  registers.set(field['USBCMD.ASE'], 0);
  if (answered) registers.set(field['USBCMD.PSE'], 1);
  return answered;
}

/** Whether its device was found; undefined if the controller itself did not come up. */
function start(host: DriverHost, device: DriverDevice): boolean | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME);
  const controller = open(host, device);
  if (controller === undefined) return probeFailed(host, device, NAME);
  const schedule = bringUp(host, device, {
    reset: () => reset(device, controller),
    map: () => mapSchedule(host, device.traits.bufferBytes),
  });
  if (schedule === undefined) return undefined;
  const interrupts = host.setUpInterrupt();
  return run(host, device, controller, schedule, interrupts);
}

/** `ehci_bios_handoff` */
function takeFromFirmware(
  host: DriverHost,
  device: DriverDevice,
  { registers }: Controller,
  offset: number,
  support: number,
): void {
  const { place } = device;
  let found = support;
  if ((found & BIOS_OWNED) !== 0) {
    const control = host.configRead(place, offset + 4, 4);
    host.configWrite(place, offset + 4, 4, (control | OWNERSHIP_SMI) >>> 0);
    host.configWrite(place, offset + 3, 1, 1);
    for (let waited = 0; (found & BIOS_OWNED) !== 0 && waited < HAND_OVER_MS; waited += 10) {
      host.delay(10);
      found = host.configRead(place, offset, 4);
    }
    if ((found & BIOS_OWNED) !== 0) {
      const hex = found.toString(16).padStart(8, '0');
      host.log(`pci ${device.name}: EHCI: BIOS handoff failed (BIOS bug?) ${hex}`);
      host.configWrite(place, offset + 2, 1, 0);
    }
    registers.only(field['CONFIGFLAG.CF'], 0);
  }
  host.configWrite(place, offset + 4, 4, 0);
}

/** `quirk_usb_disable_ehci`: firmware gives it up, it halts, and its interrupts are off. */
function disable(host: DriverHost, device: DriverDevice, controller: Controller): void {
  const parameters = host.mmioRead32(controller.base + capability['HCCPARAMS.EECP'].offset);
  let offset = (parameters >>> 8) & 0xff;
  for (let count = 0; offset !== 0 && count < CAPABILITIES; count++) {
    const found = host.configRead(device.place, offset, 4);
    if ((found & 0xff) === LEGACY_ID) takeFromFirmware(host, device, controller, offset, found);
    else {
      const id = (found & 0xff).toString(16).padStart(2, '0');
      host.log(`pci ${device.name}: EHCI: unrecognized capability ${id}`);
      if ((found & 0xff) === 0) break;
    }
    offset = (found >>> 8) & 0xff;
  }
  const { registers } = controller;
  if (registers.get(field['USBSTS.HCH']) === 0) {
    registers.set(field['USBCMD.RS'], 0);
    registers.waitFor(field['USBSTS.HCH'], 1, 2);
  }
  registers.write(USBINTR, 0);
  registers.write(USBSTS, ALL_CAUSES);
}

export const ehciDriver: DeviceDriver = {
  kind: 'ehci',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: true,
    // ehci_setup: its lists are allocated and mapped before ehci_halt and ehci_reset.
    resetsBeforeMap: false,
    setUpMs: 1,
    resetTimeoutMs: 250,
    // The hub driver waits 5 s for a descriptor, but beside all other drivers, which this wait is not.
    proofTimeoutMs: 100,
    queueDepth: 1,
    bufferBytes: 8,
  },
  start(host, device) {
    start(host, device);
  },
  service(host, device) {
    open(host, device)?.registers.write(USBSTS, ALL_CAUSES);
  },
  probe(host, device) {
    const found = start(host, device);
    if (found === true) return 'working';
    if (found === false) host.log('usb 1-1: device descriptor read/64, error -110');
    return 'failed';
  },
  maskInterrupts(host, device) {
    open(host, device)?.registers.write(USBINTR, 0);
  },
  /** `quirk_usb_early_handoff`: enabled, looked at, stopped and disabled again. */
  earlyHandoff(host, device) {
    if (!answers(host, device)) return;
    enableDevice(host, device, 'pci');
    const controller = open(host, device);
    if (controller !== undefined) disable(host, device, controller);
    disableDevice(host, device);
  },
};
