import { AHCI_PORT, ahciHost, ahciPort } from '@quiesce/pcie-model';
import { bringUp } from './bring-up.ts';
import { withShortQueues } from './crash-kernel-queues.ts';
import { bits, DeviceRegisters, waitUntil } from './device-registers.ts';
import { type DmaBuffer, lowHigh, mapBuffer, mapBuffers, writeAddress } from './dma-buffer.ts';
import type { DeviceDriver, DriverDevice, DriverHost } from './driver-host.ts';
import { answers, enableDevice, findMemoryBar, probeFailed } from './pci-function.ts';

const NAME = 'ahci';
const hostField = ahciHost.field;
const portField = ahciPort.field;

const HEADER_BYTES = 32;
const FIS_OFFSET = 0x400;
/** A command table of ours: CFIS, one region descriptor, rounded up to the 128 bytes of its alignment. */
const TABLE_BYTES = 256;
const REGIONS = 0x80;
const MAX_SLOTS = 32;
/** Command FIS length in dwords, and the bit that says that the device reads memory (AHCI 4.2.2). */
const FIS_DWORDS = 5;
const WRITE = 1 << 6;
/** Host to device FIS, command bit; READ DMA EXT and WRITE DMA EXT (ACS-3). */
const H2D_COMMAND = 0x8027;
const READ_DMA_EXT = 0x25;
const WRITE_DMA_EXT = 0x35;
const LINK_MS = 100;
const INTERRUPTS = bits(portField['PxIE.DHR']) | bits(portField['PxIE.HBF']);

interface Hba {
  readonly host: DeviceRegisters;
  readonly port: DeviceRegisters;
}

function open(host: DriverHost, device: DriverDevice): Hba | undefined {
  const base = findMemoryBar(host, device, 5, hostField['VS.VERSION'].offset);
  if (base === undefined) return undefined;
  return { host: new DeviceRegisters(host, base), port: new DeviceRegisters(host, base + AHCI_PORT) };
}

/** `ahci_reset_controller` */
function reset(host: DriverHost, device: DriverDevice, hba: Hba): boolean {
  hba.host.only(hostField['GHC.HR'], 1);
  if (hba.host.waitFor(hostField['GHC.HR'], 0, device.traits.resetTimeoutMs)) return true;
  host.log(
    `${NAME} ${device.name}: controller reset failed (0x${hba.host.read(hostField['GHC.HR'].offset).toString(16)})`,
  );
  return false;
}

function slots(device: DriverDevice): number {
  return Math.min(MAX_SLOTS, device.traits.queueDepth);
}

/** Command list with received FIS area behind it, command tables and data; returns the list. */
function mapCommands(host: DriverHost, device: DriverDevice): DmaBuffer | undefined {
  const count = slots(device);
  const { bufferBytes } = device.traits;
  const list = mapBuffer(host, FIS_OFFSET + 0x100, 'both');
  const tables = mapBuffer(host, count * TABLE_BYTES, 'to-device');
  const data = mapBuffers(host, count, bufferBytes, 'both');
  if (list === undefined || tables === undefined || data === undefined) return undefined;
  for (const [slot, buffer] of data.entries()) {
    const header = list.physical + slot * HEADER_BYTES;
    const table = slot * TABLE_BYTES;
    // The first command reads the disk; reads and writes alternate.
    const writes = slot % 2 === 1;
    host.writeMemory32(header, (1 << 16) | (writes ? WRITE : 0) | FIS_DWORDS);
    writeAddress(host, header + 8, tables.device + table);
    host.writeMemory32(
      tables.physical + table,
      H2D_COMMAND | ((writes ? WRITE_DMA_EXT : READ_DMA_EXT) << 16),
    );
    writeAddress(host, tables.physical + table + REGIONS, buffer.device);
    host.writeMemory32(tables.physical + table + REGIONS + 12, bufferBytes - 1);
  }
  return list;
}

/** `ahci_start_port`: FIS receive, link, command list. */
function program(
  host: DriverHost,
  device: DriverDevice,
  hba: Hba,
  list: DmaBuffer,
  interrupts: boolean,
): boolean {
  const { port } = hba;
  const [low, high] = lowHigh(list.device);
  const [fisLow, fisHigh] = lowHigh(list.device + FIS_OFFSET);
  port.write(portField['PxCLB.BASE'].offset, low);
  port.write(portField['PxCLBU.BASE'].offset, high);
  port.write(portField['PxFB.BASE'].offset, fisLow);
  port.write(portField['PxFBU.BASE'].offset, fisHigh);
  port.only(portField['PxCMD.FRE'], 1);
  if (!port.waitFor(portField['PxSSTS.DET'], 3, LINK_MS)) {
    host.log(`ata ${device.name}: SATA link down`);
    return false;
  }
  port.write(portField['PxIS.DHR'].offset, 0xffff_ffff);
  hba.host.only(hostField['IS.IPS'], 1);
  if (interrupts) {
    port.write(portField['PxIE.DHR'].offset, INTERRUPTS);
    hba.host.only(hostField['GHC.IE'], 1);
  }
  port.set(portField['PxCMD.ST'], 1);
  return port.waitFor(portField['PxCMD.CR'], 1, LINK_MS);
}

function start(
  host: DriverHost,
  device: DriverDevice,
): { hba: Hba; list: DmaBuffer; interrupts: boolean } | undefined {
  if (!answers(host, device)) return undefined;
  enableDevice(host, device, NAME);
  const hba = open(host, device);
  if (hba === undefined) return probeFailed(host, device, NAME);
  const list = bringUp(host, device, {
    reset: () => reset(host, device, hba),
    map: () => mapCommands(host, device),
  });
  if (list === undefined) return undefined;
  const interrupts = host.setUpInterrupt();
  return program(host, device, hba, list, interrupts) ? { hba, list, interrupts } : undefined;
}

/** Issues the commands of all slots that are free. */
function issueAll(device: DriverDevice, hba: Hba): void {
  hba.port.only(portField['PxCI.CI'], 2 ** slots(device) - 1);
}

export const ahciDriver: DeviceDriver = {
  kind: 'ahci',
  name: NAME,
  defaultTraits: {
    mastersBeforeReset: false,
    resetsBeforeMap: true,
    setUpMs: 1,
    resetTimeoutMs: 1000,
    proofTimeoutMs: 200,
    queueDepth: 32,
    bufferBytes: 4096,
  },
  start(host, device) {
    const up = start(host, device);
    if (up !== undefined) issueAll(device, up.hba);
  },
  service(host, device) {
    const hba = open(host, device);
    if (hba === undefined) return;
    hba.port.write(portField['PxIS.DHR'].offset, 0xffff_ffff);
    hba.host.only(hostField['IS.IPS'], 1);
    issueAll(device, hba);
  },
  probe(host, given) {
    const device = withShortQueues(given);
    const up = start(host, device);
    if (up === undefined) return 'failed';
    const { hba, list, interrupts } = up;
    const timeoutMs = device.traits.proofTimeoutMs;
    hba.port.only(portField['PxCI.CI'], 1);
    // Completion is an interrupt; without one the command times out (`ata_qc_timeout`).
    const completed =
      hba.port.waitFor(portField['PxCI.CI'], 0, timeoutMs) &&
      (!interrupts || waitUntil(host, timeoutMs, () => host.interruptSeen()));
    const moved = host.readMemory32(list.physical + 4);
    if (completed && moved === device.traits.bufferBytes) return 'working';
    host.log(`ata ${device.name}: qc timeout after ${timeoutMs} msecs (cmd 0xec)`);
    return 'failed';
  },
  maskInterrupts(host, device) {
    open(host, device)?.host.only(hostField['GHC.IE'], 0);
  },
};
