import { DOORBELLS, nvmeController, nvmeDoorbells } from '@quiesce/pcie-model';
import type { Address } from '@quiesce/simulation';
import { Command } from '../pci/registers.ts';
import { bringUp } from './bring-up.ts';
import { withShortQueues } from './crash-kernel-queues.ts';
import { DeviceRegisters, waitUntil } from './device-registers.ts';
import { type DmaBuffer, lowHigh, mapBuffer, mapBuffers } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import {
  AdminOpcode,
  COMPLETION_BYTES,
  completionStatus,
  type NvmeCommand,
  NvmOpcode,
  SUBMISSION_BYTES,
  writeCommand,
} from './nvme-commands.ts';
import { answers, enableDevice, findMemoryBar, probeFailed } from './pci-function.ts';

const NAME = 'nvme';
/** Of the admin queue and of one processor's. */
const VECTORS = 2;
const field = nvmeController.field;
const doorbell = nvmeDoorbells.field;
const ADMIN_ENTRIES = 16;
const BLOCK_BYTES = 512;
/** Physically contiguous, interrupts enabled (NVMe 5.3). */
const CONTIGUOUS = 1;
const INTERRUPTS_ENABLED = 2;

interface Controller {
  readonly registers: DeviceRegisters;
  readonly doorbells: DeviceRegisters;
}

interface Queues {
  readonly adminSubmission: DmaBuffer;
  readonly adminCompletion: DmaBuffer;
  readonly submission: DmaBuffer;
  readonly completion: DmaBuffer;
  readonly data: readonly DmaBuffer[];
}

function open(host: DriverHost, device: DriverDevice): Controller | undefined {
  const base: Address | undefined = findMemoryBar(host, device, 0, field['VS.VERSION'].offset);
  if (base === undefined) return undefined;
  return {
    registers: new DeviceRegisters(host, base),
    doorbells: new DeviceRegisters(host, base + DOORBELLS),
  };
}

/** One entry more than commands: a full queue cannot be told from an empty one. */
function entries(device: DriverDevice): number {
  return device.traits.queueDepth + 1;
}

/** `nvme_disable_ctrl` */
function reset(host: DriverHost, device: DriverDevice, { registers }: Controller): boolean {
  registers.only(field['CC.EN'], 0);
  if (registers.waitFor(field['CSTS.RDY'], 0, device.traits.resetTimeoutMs)) return true;
  host.log(
    `${NAME} ${device.name}: Device not ready; aborting reset, CSTS=0x${registers.read(0x1c).toString(16)}`,
  );
  return false;
}

function mapQueues(host: DriverHost, device: DriverDevice): Queues | undefined {
  const adminSubmission = mapBuffer(host, ADMIN_ENTRIES * SUBMISSION_BYTES, 'to-device');
  const adminCompletion = mapBuffer(host, ADMIN_ENTRIES * COMPLETION_BYTES, 'from-device');
  const submission = mapBuffer(host, entries(device) * SUBMISSION_BYTES, 'to-device');
  const completion = mapBuffer(host, entries(device) * COMPLETION_BYTES, 'from-device');
  const data = mapBuffers(host, device.traits.queueDepth, device.traits.bufferBytes, 'both');
  if (adminSubmission === undefined || adminCompletion === undefined) return undefined;
  if (submission === undefined || completion === undefined || data === undefined) return undefined;
  return { adminSubmission, adminCompletion, submission, completion, data };
}

/** `nvme_enable_ctrl` with the admin queues, and a pair of I/O queues by admin commands. */
function program(host: DriverHost, device: DriverDevice, controller: Controller, queues: Queues): boolean {
  const { registers, doorbells } = controller;
  const [submissionLow, submissionHigh] = lowHigh(queues.adminSubmission.device);
  const [completionLow, completionHigh] = lowHigh(queues.adminCompletion.device);
  registers.write(field['AQA.ASQS'].offset, ((ADMIN_ENTRIES - 1) << 16) | (ADMIN_ENTRIES - 1));
  registers.write(field['ASQ.LOW'].offset, submissionLow);
  registers.write(field['ASQU.HIGH'].offset, submissionHigh);
  registers.write(field['ACQ.LOW'].offset, completionLow);
  registers.write(field['ACQU.HIGH'].offset, completionHigh);
  registers.only(field['CC.EN'], 1);
  if (!registers.waitFor(field['CSTS.RDY'], 1, device.traits.resetTimeoutMs)) {
    host.log(
      `${NAME} ${device.name}: Device not ready; aborting initialisation, CSTS=0x${registers.read(0x1c).toString(16)}`,
    );
    return false;
  }
  const size = ((entries(device) - 1) << 16) | 1;
  const flags = CONTIGUOUS | INTERRUPTS_ENABLED;
  const commands: readonly Omit<NvmeCommand, 'id'>[] = [
    {
      opcode: AdminOpcode.identify,
      data: (queues.data[0] as DmaBuffer).device,
      dword10: 1,
      dword11: 0,
      dword12: 0,
    },
    {
      opcode: AdminOpcode.createCompletionQueue,
      data: queues.completion.device,
      dword10: size,
      dword11: flags,
      dword12: 0,
    },
    {
      opcode: AdminOpcode.createSubmissionQueue,
      data: queues.submission.device,
      dword10: size,
      dword11: 0x1_0000 | CONTIGUOUS,
      dword12: 0,
    },
  ];
  for (const [slot, command] of commands.entries()) {
    writeCommand(host, queues.adminSubmission.physical, slot, { ...command, id: slot });
    doorbells.only(doorbell['SQ0TDBL.TAIL'], slot + 1);
    const completed = waitForCompletion(host, device, queues.adminCompletion.physical, slot);
    doorbells.only(doorbell['CQ0HDBL.HEAD'], slot + 1);
    if (!completed) return false;
  }
  return true;
}

function waitForCompletion(host: DriverHost, device: DriverDevice, queue: Address, slot: number): boolean {
  const there = (): boolean => completionStatus(host, queue, slot) !== undefined;
  if (waitUntil(host, device.traits.proofTimeoutMs, there)) return completionStatus(host, queue, slot) === 0;
  host.log(`${NAME} ${device.name}: I/O ${slot} QID 0 timeout, disable controller`);
  return false;
}

/** Puts `count` commands into the I/O queue, reads and writes in turn, and rings its doorbell. */
function submit(
  host: DriverHost,
  device: DriverDevice,
  doorbells: DeviceRegisters,
  queues: Queues,
  count: number,
): void {
  const blocks = Math.max(1, Math.floor(device.traits.bufferBytes / BLOCK_BYTES)) - 1;
  for (let slot = 0; slot < count; slot++) {
    writeCommand(host, queues.submission.physical, slot, {
      opcode: slot % 2 === 0 ? NvmOpcode.read : NvmOpcode.write,
      id: slot,
      data: (queues.data[slot] as DmaBuffer).device,
      dword10: slot * (blocks + 1),
      dword11: 0,
      dword12: blocks,
    });
  }
  doorbells.only(doorbell['SQ1TDBL.TAIL'], count);
}

function start(
  host: DriverHost,
  device: DriverDevice,
): { controller: Controller; queues: Queues } | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME, Command.memory);
  const controller = open(host, device);
  if (controller === undefined) return probeFailed(host, device, NAME);
  const queues = bringUp(host, device, {
    reset: () => reset(host, device, controller),
    map: () => mapQueues(host, device),
  });
  if (queues === undefined) return undefined;
  host.setUpInterrupt(VECTORS);
  return program(host, device, controller, queues) ? { controller, queues } : undefined;
}

export const nvmeDriver: DeviceDriver = {
  kind: 'nvme',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: true,
    resetsBeforeMap: true,
    setUpMs: 1,
    resetTimeoutMs: 7500,
    proofTimeoutMs: 200,
    queueDepth: 127,
    bufferBytes: 4096,
  },
  start(host, device) {
    const up = start(host, device);
    if (up !== undefined) submit(host, device, up.controller.doorbells, up.queues, device.traits.queueDepth);
  },
  service() {
    // Where its queues stand only the driver that rang the doorbells knows: they cannot be read.
  },
  probe(host, given) {
    const device = withShortQueues(given);
    const up = start(host, device);
    if (up === undefined) return 'failed';
    submit(host, device, up.controller.doorbells, up.queues, 1);
    const completed = waitForCompletion(host, device, up.queues.completion.physical, 0);
    // A completion without an interrupt is found by polling when the command times out: slow, but it works.
    if (completed && !host.interruptSeen()) {
      host.log(`${NAME} ${device.name}: I/O 0 QID 1 timeout, completion polled`);
    }
    return completed ? 'working' : 'failed';
  },
  maskInterrupts(host, device) {
    open(host, device)?.registers.write(field['INTMS.MASK'].offset, 0xffff_ffff);
  },
};
