import { PAGE_SIZE } from '@quiesce/simulation';
import type { DmaDirection, DriverHost, FunctionPlace } from '../drivers/driver-host.ts';
import { interruptsOf } from '../interrupts/interrupt-profile.ts';
import {
  disableMessageInterrupts,
  messageVectors,
  programMessageInterrupts,
} from '../interrupts/message-interrupts.ts';
import type { Vector } from '../interrupts/vector-space.ts';
import type { KernelBar, KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { Command, PCI } from '../pci/registers.ts';
import type { DmaIdentity } from '../remapping/kernel-remapping.ts';
import { dmaIdentity } from './dma-identity.ts';
import type { Kernel } from './kernel.ts';
import { lentPages } from './lent-memory.ts';

/** What a kernel gives the driver of one device. */
export function deviceHost(kernel: Kernel, device: KernelPciDevice): DriverHost {
  const { world } = kernel;
  const { fabric, memory, hierarchy } = world.hardware;
  const identity = dmaIdentity(device, kernel.devices);
  const fn = hierarchy.visibleAt(device.segment, device.bus, device.device, device.fn);
  const described = fn === undefined ? undefined : world.machine.functions[fn.index];
  let vector: Vector | undefined;
  const { bars } = device;
  return {
    ...(bars.length === 0 ? {} : { decoders: decodersOf(bars) }),
    clearsInterruptDisable: interruptsOf(kernel.profile).clearsInterruptDisable,
    get now() {
      return kernel.now;
    },
    delay: (ms) => kernel.delay(ms),
    log: (line) => kernel.log(line),
    configRead: (place: FunctionPlace, offset, size) =>
      device.port.read(place.segment, place.bus, place.device, place.fn, offset, size),
    configWrite: (place: FunctionPlace, offset, size, value) =>
      device.port.write(place.segment, place.bus, place.device, place.fn, offset, size, value),
    mmioRead32: (address) => fabric.mmioRead(address, 4),
    mmioWrite32: (address, value) => fabric.mmioWrite(address, 4, value),
    ioRead: (port, size) => fabric.ioRead(port, size as 1 | 2 | 4),
    ioWrite: (port, size, value) => fabric.ioWrite(port, size as 1 | 2 | 4, value),
    allocate: (bytes, use) => {
      const lends = use === 'data' && kernel.which === 1 && described?.driver.buffersIn === 'cma';
      return (lends ? lentPages(kernel) : kernel.buffers).allocate(Math.ceil(bytes / PAGE_SIZE));
    },
    mapDma: (physical, bytes, direction: DmaDirection) => {
      const address = kernel.remapping.mapDma(identity, physical, bytes, direction);
      if (address !== undefined && fn !== undefined) {
        world.recorder.buffers.give(kernel.which, fn.index, physical, bytes);
      }
      return address;
    },
    readMemory32: (physical) => memory.read32(physical),
    writeMemory32: (physical, value) => memory.write32(physical, value, kernel.writer),
    setUpInterrupt: (wanted = 1) => {
      vector = setUpMessages(kernel, device, identity, wanted);
      if (vector !== undefined) return true;
      if (fn === undefined || device.readConfig8(0x3d) === 0) return false;
      if (interruptsOf(kernel.profile).clearsInterruptDisable) {
        device.writeConfig16(PCI.command, device.readConfig16(PCI.command) & ~Command.interruptDisable);
      }
      kernel.interrupts.openPin(fn);
      return true;
    },
    disableInterrupt: () => disableMessageInterrupts(device),
    interruptSeen: () => {
      if (vector !== undefined) return kernel.interrupts.seenVector(vector);
      return fn !== undefined && kernel.interrupts.seenPin(fn);
    },
  };
}

function decodersOf(bars: readonly KernelBar[]): number {
  return bars.reduce((bits, { kind }) => bits | (kind === 'io' ? Command.io : Command.memory), 0);
}

/** `pci_alloc_irq_vectors` without INTx: as many vectors as the function has, at most. @returns the first one */
function setUpMessages(
  kernel: Kernel,
  device: KernelPciDevice,
  identity: DmaIdentity,
  wanted: number,
): Vector | undefined {
  if (kernel.hasPciOption('nomsi')) return undefined;
  const vectors: Vector[] = [];
  const messages = [];
  const count = messageVectors(device, wanted);
  for (let i = 0; i < count; i++) {
    const given = kernel.allocateVector();
    vectors.push(given);
    messages.push(kernel.remapping.interruptMessage(identity, given.vector, given.destination));
  }
  const { fabric } = kernel.world.hardware;
  const done = programMessageInterrupts(device, messages, (address, value) =>
    fabric.mmioWrite(address, 4, value),
  );
  return done ? vectors[0] : undefined;
}
