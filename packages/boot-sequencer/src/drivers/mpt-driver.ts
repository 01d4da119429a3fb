import {
  HOST_DRIVER,
  IocInitRequest,
  MPT_FRAME_BYTES,
  MptFunction,
  MptRequestType,
  MptState,
  MptStatus,
  mptRegisters,
} from '@quiesce/pcie-model';
import { Command } from '../pci/registers.ts';
import { bringUp } from './bring-up.ts';
import { withShortQueues } from './crash-kernel-queues.ts';
import { bits, DeviceRegisters, waitUntil } from './device-registers.ts';
import { type DmaBuffer, lowHigh } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import { handshake } from './mpt-doorbell.ts';
import { mptGenerationOf } from './mpt-generation.ts';
import { type MptController, type MptFacts, makeReady, readFacts } from './mpt-ready.ts';
import {
  type MptMemory,
  mapMemory,
  ownSmid,
  replyAt,
  replyFreeDepth,
  replyPostDepth,
  writePortEnable,
  writeScsiIo,
} from './mpt-requests.ts';
import { answers, enableDevice, findMemoryBar, probeFailed } from './pci-function.ts';

const NAME = 'mpt3sas';
const field = mptRegisters.field;
const INTERRUPT_MASK = field['HostInterruptMask.REPLY'].offset & ~3;
const ALL_MASKED = bits(field['HostInterruptMask.REPLY']) | bits(field['HostInterruptMask.IOC2SYS']);
/** Its memory BAR stands behind the one for I/O ports. */
const MEMORY_BAR = 1;
/** IOCStatus in an IOCInit reply, 16-bit words. */
const INIT_STATUS = 7;
const OPERATIONAL_MS = 10_000;

interface Running {
  readonly controller: MptController;
  readonly memory: MptMemory;
  readonly facts: MptFacts;
  readonly version: number;
  /** The kernel gave it one; otherwise it polls. */
  readonly interrupts: boolean;
}

function open(host: DriverHost, device: DriverDevice): DeviceRegisters | undefined {
  const base = findMemoryBar(host, device, MEMORY_BAR, field['Doorbell.DATA'].offset & ~3);
  return base === undefined ? undefined : new DeviceRegisters(host, base);
}

/** `_base_send_ioc_init`: where requests and replies stand. */
function initialise(device: DriverDevice, { controller, memory, version }: Running): boolean {
  const request = new Array<number>(IocInitRequest.size / 4).fill(0);
  const put = (offset: number, value: number): void => {
    request[offset / 4] = value >>> 0;
  };
  const putAddress = (offset: number, buffer: DmaBuffer): void => {
    const [low, high] = lowHigh(buffer.device);
    put(offset, low);
    put(offset + 4, high);
  };
  put(0, MptFunction.iocInit * 2 ** 24 + HOST_DRIVER);
  put(IocInitRequest.version, version);
  put(IocInitRequest.frameSize, (MPT_FRAME_BYTES / 4) * 2 ** 16);
  put(IocInitRequest.depths, replyFreeDepth * 2 ** 16 + replyPostDepth(device));
  put(IocInitRequest.systemReplyAddressHigh, lowHigh(memory.replies.device)[1]);
  putAddress(IocInitRequest.requestFrames, memory.frames);
  putAddress(IocInitRequest.replyPostQueue, memory.replyPost);
  putAddress(IocInitRequest.replyFreeQueue, memory.replyFree);
  const reply = handshake(controller.registers, request);
  if (reply === undefined || reply[INIT_STATUS] !== MptStatus.success) return false;
  return controller.registers.waitFor(field['Doorbell.STATE'], MptState.operational, OPERATIONAL_MS);
}

function post(registers: DeviceRegisters, type: number, smid: number, handle: number): void {
  registers.write(field['RequestDescriptorPostLow.WORD'].offset, smid * 2 ** 16 + type);
  registers.write(field['RequestDescriptorPostHigh.WORD'].offset, handle * 2 ** 16);
}

/** The reply in `slot`, with its interrupt: without one the driver does not look, and its request times out. */
function replied(
  host: DriverHost,
  device: DriverDevice,
  { memory, interrupts }: Running,
  slot: number,
): boolean | undefined {
  const there = (): boolean =>
    replyAt(host, memory, slot) !== undefined && (!interrupts || host.interruptSeen());
  if (!waitUntil(host, device.traits.proofTimeoutMs, there)) return undefined;
  return replyAt(host, memory, slot)?.isSuccess;
}

/** `mpt3sas_port_enable`: the controller looks for disks. */
function enablePort(host: DriverHost, device: DriverDevice, running: Running): boolean {
  const { memory } = running;
  const { registers, name } = running.controller;
  host.log(`${name}: sending port enable !!`);
  writePortEnable(host, memory, ownSmid(device));
  post(registers, MptRequestType.default, ownSmid(device), 0);
  const answered = replied(host, device, running, 0) !== undefined;
  host.log(`${name}: port enable: ${answered ? 'SUCCESS' : 'FAILED with timeout (timeout=300s)'}`);
  if (answered) registers.only(field['ReplyPostHostIndex.INDEX'], 1);
  return answered;
}

/** `mpt3sas_base_attach`, as far as disks are concerned. */
function start(host: DriverHost, device: DriverDevice): Running | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME, Command.memory);
  const registers = open(host, device);
  if (registers === undefined) return probeFailed(host, device, NAME);
  const { name, version } = mptGenerationOf(host, device);
  const controller = { registers, name, timeoutMs: device.traits.resetTimeoutMs };
  registers.write(INTERRUPT_MASK, ALL_MASKED);
  let facts: MptFacts | undefined;
  const memory = bringUp(host, device, {
    reset: () => {
      facts = readFacts(host, controller);
      return facts !== undefined && makeReady(host, controller, facts);
    },
    map: () => mapMemory(host, device),
  });
  if (memory === undefined || facts === undefined) return undefined;
  const running = { controller, memory, facts, version, interrupts: host.setUpInterrupt() };
  if (!initialise(device, running)) {
    host.log(`${name}: _base_send_ioc_init: handshake failed (r=-14)`);
    return undefined;
  }
  registers.only(field['ReplyFreeHostIndex.INDEX'], replyFreeDepth - 1);
  registers.only(field['ReplyPostHostIndex.INDEX'], 0);
  registers.write(INTERRUPT_MASK, bits(field['HostInterruptMask.IOC2SYS']));
  return enablePort(host, device, running) ? running : undefined;
}

function submit(host: DriverHost, device: DriverDevice, running: Running, count: number): void {
  const { controller, memory, facts, version } = running;
  const handle = facts.firstDevice;
  for (let index = 0; index < Math.min(count, facts.requestCredit); index++) {
    writeScsiIo(host, device, memory, { index, handle, version });
    post(controller.registers, MptRequestType.scsiIo, index + 1, handle);
  }
}

/** Drives SAS and RAID controllers with Fusion-MPT's message-passing interface, as mpt3sas does. */
export const mptDriver: DeviceDriver = {
  kind: 'mpt',
  name: NAME,
  queuesFollowLoad: true,
  defaultTraits: {
    mastersBeforeReset: true,
    resetsBeforeMap: true,
    // From the DMA mask, behind pci_set_master, to the message unit reset: 0.11 s in the log of a crash kernel.
    setUpMs: 100,
    resetTimeoutMs: 20_000,
    proofTimeoutMs: 2000,
    queueDepth: 254,
    bufferBytes: 4096,
  },
  start(host, device) {
    const running = start(host, device);
    if (running !== undefined) submit(host, device, running, device.traits.queueDepth);
  },
  service() {
    // Where its queues stand only the driver's own memory knows: they cannot be read.
  },
  probe(host, given) {
    const device = withShortQueues(given);
    const running = start(host, device);
    if (running === undefined) return 'failed';
    submit(host, device, running, 1);
    if (replied(host, device, running, 1) === true) return 'working';
    host.log('sd 0:0:0:0: attempting task abort!');
    return 'failed';
  },
  maskInterrupts(host, device) {
    open(host, device)?.write(INTERRUPT_MASK, ALL_MASKED);
  },
};
