import {
  xhciCapability,
  xhciDoorbells,
  xhciLegacySupport,
  xhciOperational,
  xhciRuntime,
} from '@quiesce/pcie-model';
import type { Address } from '@quiesce/simulation';
import { bringUp } from './bring-up.ts';
import { bits, DeviceRegisters, waitUntil } from './device-registers.ts';
import { lowHigh } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import { answers, disableDevice, enableDevice, findMemoryBar, probeFailed } from './pci-function.ts';
import {
  ENDPOINT,
  eventCode,
  mapRings,
  queueReports,
  segmentTable,
  TRB_BYTES,
  writeCommand,
  type XhciRings,
} from './xhci-rings.ts';

const NAME = 'xhci_hcd';
const capability = xhciCapability.field;
const operational = xhciOperational.field;
const runtime = xhciRuntime.field;
const doorbell = xhciDoorbells.field;
const legacy = xhciLegacySupport.field;

/** `XHCI_MAX_HALT_USEC` */
const HALT_MS = 32;
const HAND_OVER_MS = 1000;
const READY_MS = 5000;
const LEGACY_ID = 1;
/** More capabilities than 64 KiB have room for are a circle. */
const CAPABILITIES = 256;
const SUCCESS = 1;
/** What the driver says if the command does not complete: Enable Slot, Address Device, Configure Endpoint. */
const timeouts = [
  'Error while assigning device slot ID: Command Aborted',
  'Timeout while waiting for setup device command',
  'Timeout while waiting for configure endpoint command',
] as const;

interface Controller {
  readonly base: Address;
  readonly operational: DeviceRegisters;
  readonly runtime: DeviceRegisters;
  readonly doorbells: DeviceRegisters;
}

function open(host: DriverHost, device: DriverDevice): Controller | undefined {
  const base = findMemoryBar(host, device, 0, capability['CAPLENGTH.LENGTH'].offset);
  if (base === undefined) return undefined;
  const head = new DeviceRegisters(host, base);
  const block = (offset: number): DeviceRegisters => new DeviceRegisters(host, base + offset);
  return {
    base,
    operational: block(head.get(capability['CAPLENGTH.LENGTH'])),
    runtime: block(head.get(capability['RTSOFF.OFFSET'])),
    doorbells: block(head.get(capability['DBOFF.OFFSET'])),
  };
}

/** `xhci_halt` and `xhci_reset` */
function reset(host: DriverHost, device: DriverDevice, controller: Controller): boolean {
  const { operational: registers } = controller;
  registers.set(operational['USBCMD.RS'], 0);
  if (!registers.waitFor(operational['USBSTS.HCH'], 1, HALT_MS)) {
    host.log(`${NAME} ${device.name}: Host halt failed, -110`);
    return false;
  }
  registers.only(operational['USBCMD.HCRST'], 1);
  const timeoutMs = device.traits.resetTimeoutMs;
  return (
    registers.waitFor(operational['USBCMD.HCRST'], 0, timeoutMs) &&
    registers.waitFor(operational['USBSTS.CNR'], 0, timeoutMs)
  );
}

/** `xhci_mem_init` and `xhci_run`: where everything stands, the event ring, interrupts, go. */
function program(controller: Controller, rings: XhciRings, interrupts: boolean): void {
  const { operational: registers, runtime: interrupter } = controller;
  const pair = (to: DeviceRegisters, low: number, address: Address, flags = 0): void => {
    const [lowWord, highWord] = lowHigh(address);
    to.write(low, lowWord | flags);
    to.write(low + 4, highWord);
  };
  registers.only(operational['CONFIG.MAXSLOTSEN'], 1);
  pair(registers, operational['CRCR.RCS'].offset, rings.commands.device, bits(operational['CRCR.RCS']));
  pair(registers, operational['DCBAAP.POINTER'].offset, rings.arrays.device);
  interrupter.only(runtime['ERSTSZ.SIZE'], 1);
  pair(interrupter, runtime['ERDP.EHB'].offset, rings.events.device);
  pair(interrupter, runtime['ERSTBA.POINTER'].offset, segmentTable(rings));
  if (interrupts) interrupter.only(runtime['IMAN.IE'], 1);
  const go = bits(operational['USBCMD.RS']) | (interrupts ? bits(operational['USBCMD.INTE']) : 0);
  registers.write(operational['USBCMD.RS'].offset, go);
}

/** `xhci_irq`: the cause is acknowledged, and the handler busy no longer; `dequeue` is where it has read to. */
function acknowledge(controller: Controller, dequeue?: Address): void {
  const { operational: registers, runtime: interrupter } = controller;
  registers.only(operational['USBSTS.EINT'], 1);
  const enabled = interrupter.get(runtime['IMAN.IE']) * bits(runtime['IMAN.IE']);
  interrupter.write(runtime['IMAN.IP'].offset, enabled | bits(runtime['IMAN.IP']));
  const at = runtime['ERDP.EHB'].offset;
  const low = dequeue === undefined ? interrupter.read(at) : dequeue >>> 0;
  interrupter.write(at, low | bits(runtime['ERDP.EHB']));
}

/** A device that is plugged in is given a slot, an address and its endpoint. Undefined if a command does not complete. */
function bringDeviceUp(
  host: DriverHost,
  device: DriverDevice,
  controller: Controller,
  rings: XhciRings,
  interrupts: boolean,
): true | undefined {
  for (const [index, words] of timeouts.entries()) {
    writeCommand(host, rings, index);
    controller.doorbells.only(doorbell['DB0.TARGET'], 0);
    const there = (): boolean =>
      eventCode(host, rings, index) !== undefined && (!interrupts || host.interruptSeen());
    const completed = waitUntil(host, device.traits.proofTimeoutMs, there);
    if (!completed || eventCode(host, rings, index) !== SUCCESS) {
      const failed = controller.operational.get(operational['USBSTS.HSE']) === 1;
      if (failed) host.log(`${NAME} ${device.name}: WARNING: Host System Error`);
      host.log(`${NAME} ${device.name}: ${words}`);
      return undefined;
    }
    acknowledge(controller, rings.events.device + (index + 1) * TRB_BYTES);
  }
  queueReports(host, rings, device.traits.bufferBytes);
  controller.doorbells.only(doorbell['DB1.TARGET'], ENDPOINT);
  return true;
}

function start(host: DriverHost, device: DriverDevice): true | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME);
  const controller = open(host, device);
  if (controller === undefined) return probeFailed(host, device, NAME);
  const rings = bringUp(host, device, {
    reset: () => reset(host, device, controller),
    map: () => mapRings(host, device),
  });
  if (rings === undefined) return undefined;
  const interrupts = host.setUpInterrupt();
  program(controller, rings, interrupts);
  return bringDeviceUp(host, device, controller, rings, interrupts);
}

/** Address of the legacy support capability; undefined without one. */
function legacySupport(host: DriverHost, { base }: Controller): DeviceRegisters | undefined {
  let offset = new DeviceRegisters(host, base).get(capability['HCCPARAMS1.XECP']) * 4;
  for (let count = 0; offset !== 0 && count < CAPABILITIES; count++) {
    const registers = new DeviceRegisters(host, base + offset);
    if (registers.get(legacy['USBLEGSUP.ID']) === LEGACY_ID) return registers;
    const next = registers.get(legacy['USBLEGSUP.NEXT']) * 4;
    if (next === 0) return undefined;
    offset += next;
  }
  return undefined;
}

/** `quirk_usb_handoff_xhci`: firmware gives it up, it halts, and its interrupts are off. */
function takeFromFirmware(host: DriverHost, device: DriverDevice, controller: Controller): void {
  const support = legacySupport(host, controller);
  if (support !== undefined) {
    if (support.get(legacy['USBLEGSUP.BIOS']) === 1) {
      support.set(legacy['USBLEGSUP.OS'], 1);
      if (!support.waitFor(legacy['USBLEGSUP.BIOS'], 0, HAND_OVER_MS)) {
        const hex = support.read(0).toString(16).padStart(8, '0');
        host.log(`pci ${device.name}: xHCI BIOS handoff failed (BIOS bug ?) ${hex}`);
        support.set(legacy['USBLEGSUP.BIOS'], 0);
      }
    }
    support.only(legacy['USBLEGCTLSTS.EVENTS'], 7);
  }
  const { operational: registers } = controller;
  const status = (): string => registers.read(operational['USBSTS.HCH'].offset).toString(16);
  if (!registers.waitFor(operational['USBSTS.CNR'], 0, READY_MS)) {
    host.log(`pci ${device.name}: xHCI HW not ready after 5 sec (HC bug?) status = 0x${status()}`);
  }
  const command = registers.read(operational['USBCMD.RS'].offset);
  const running = bits(operational['USBCMD.RS']) | bits(operational['USBCMD.INTE']);
  registers.write(operational['USBCMD.RS'].offset, command & ~running);
  if (!registers.waitFor(operational['USBSTS.HCH'], 1, HALT_MS)) {
    host.log(`pci ${device.name}: xHCI HW did not halt within ${HALT_MS * 1000} usec status = 0x${status()}`);
  }
}

export const xhciDriver: DeviceDriver = {
  kind: 'xhci',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: true,
    resetsBeforeMap: true,
    setUpMs: 1,
    resetTimeoutMs: 1000,
    // The driver waits 5 s for a command, but beside all other drivers, which this wait is not.
    proofTimeoutMs: 100,
    queueDepth: 8,
    bufferBytes: 8,
  },
  start(host, device) {
    start(host, device);
  },
  service(host, device) {
    // How far events are read only the driver that reads them knows.
    const controller = open(host, device);
    if (controller !== undefined) acknowledge(controller);
  },
  probe(host, device) {
    return start(host, device) === true ? 'working' : 'failed';
  },
  maskInterrupts(host, device) {
    open(host, device)?.runtime.only(runtime['IMAN.IE'], 0);
  },
  /** `quirk_usb_early_handoff`: enabled, looked at, stopped and disabled again. */
  earlyHandoff(host, device) {
    if (!answers(host, device)) return;
    enableDevice(host, device, 'pci');
    const controller = open(host, device);
    if (controller !== undefined) takeFromFirmware(host, device, controller);
    disableDevice(host, device);
  },
};
