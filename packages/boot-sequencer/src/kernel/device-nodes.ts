import {
  type Address,
  isBacked,
  PAGE_SIZE,
  type PhysicalMemory,
  type RandomStream,
} from '@quiesce/simulation';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import type { Kernel } from './kernel.ts';

/** Pointers of a kernel are physical addresses in the direct map (x86-64, four levels, without KASLR). */
const DIRECT_MAP_HIGH = 0xffff_8880;
const HIGH_LIMIT = 2 ** 20;

/** A node is a cache line: next, previous, and where the function is: segment and requester ID. */
const NODE_BYTES = 64;
const NEXT = 0;
const PREVIOUS = 8;
const SEGMENT = 16;
const REQUESTER_ID = 20;

/** What slub fills freed objects with (POISON_FREE). */
const FREED = 0x6b6b_6b6b;
/** A list with more nodes than there are functions in a segment has a loop. */
const MOST_NODES = 0x1_0000;

/**
 * A kernel's list of PCI devices as it lies in its memory: nodes that point to each other. Whoever walks it on the
 * crash path follows pointers that the crash may have been about.
 */
export class DeviceNodes {
  readonly #kernel: Kernel;
  readonly #memory: PhysicalMemory;
  readonly #head: Address;
  readonly #nodes: readonly Address[];

  /** Writes the list into pages of the kernel. */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#memory = kernel.world.hardware.memory;
    const { devices } = kernel;
    const first = kernel.pages.allocate(Math.ceil(((devices.length + 1) * NODE_BYTES) / PAGE_SIZE));
    this.#head = first;
    this.#nodes = devices.map((_, index) => first + (index + 1) * NODE_BYTES);
    const ring = [first, ...this.#nodes];
    for (const [index, node] of ring.entries()) {
      this.#writePointer(node + NEXT, ring[(index + 1) % ring.length] as Address);
      this.#writePointer(node + PREVIOUS, ring.at(index - 1) as Address);
      const device = devices[index - 1];
      if (device === undefined) continue;
      this.#memory.write32(node + SEGMENT, device.segment, kernel.writer);
      this.#memory.write32(node + REQUESTER_ID, device.requesterId, kernel.writer);
    }
  }

  /** One node, drawn from `random`, was freed while it was still in the list. */
  corrupt(random: RandomStream): void {
    if (this.#nodes.length === 0) return;
    const node = this.#nodes[random.nextInteger(0, this.#nodes.length)] as Address;
    for (let offset = 0; offset < NODE_BYTES; offset += 4) {
      this.#memory.write32(node + offset, FREED, this.#kernel.writer);
    }
  }

  /**
   * The functions in the order of the list, as its bytes name them; nodes whose function is not known are left out.
   * `access` is told of each node. A pointer that leads out of memory stops the machine: nothing handles a fault there.
   * @throws MachineStopped
   */
  *walk(access: () => void): Generator<KernelPciDevice> {
    const { devices } = this.#kernel;
    let node = this.#follow(this.#head + NEXT);
    for (let steps = 0; node !== this.#head; steps++) {
      if (steps === MOST_NODES) this.#stop('a list of devices that never ends on the crash path');
      access();
      const segment = this.#memory.read32(node + SEGMENT);
      const requesterId = this.#memory.read32(node + REQUESTER_ID);
      const found = devices.find((one) => one.segment === segment && one.requesterId === requesterId);
      if (found !== undefined) yield found;
      node = this.#follow(node + NEXT);
    }
  }

  #follow(at: Address): Address {
    const low = this.#memory.read32(at);
    const high = this.#memory.read32(at + 4) - DIRECT_MAP_HIGH;
    const target = high * 0x1_0000_0000 + low;
    const mapped =
      high >= 0 && high < HIGH_LIMIT && low % 4 === 0 && isBacked(this.#memory.map.ownerAt(target));
    if (!mapped) {
      const pointer = hex8(high + DIRECT_MAP_HIGH) + hex8(low);
      this.#kernel.log(`BUG: unable to handle page fault for address: ${pointer}`);
      this.#stop(`page fault on the crash path at 0x${pointer}; no second kernel`);
    }
    return target;
  }

  #writePointer(at: Address, target: Address): void {
    this.#memory.write32(at, target >>> 0, this.#kernel.writer);
    this.#memory.write32(at + 4, DIRECT_MAP_HIGH + Math.floor(target / 0x1_0000_0000), this.#kernel.writer);
  }

  #stop(reason: string): void {
    const { world } = this.#kernel;
    world.stop(reason);
    world.checkStopped();
  }
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

const lists = new WeakMap<Kernel, DeviceNodes>();

/** The list of a kernel; it comes into memory when it is first asked for. */
export function deviceNodes(kernel: Kernel): DeviceNodes {
  let nodes = lists.get(kernel);
  if (nodes === undefined) {
    nodes = new DeviceNodes(kernel);
    lists.set(kernel, nodes);
  }
  return nodes;
}
