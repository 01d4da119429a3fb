import {
  Completion,
  type CompletionStatus,
  createEngine,
  type EndpointDescription,
  type EndpointEngine,
  type EndpointPort,
} from '@quiesce/pcie-model';
import {
  type Address,
  type MemoryOwner,
  milliseconds,
  type Nanoseconds,
  PAGE_SIZE,
  PhysicalMemory,
} from '@quiesce/simulation';
import { Command } from '../../pci/registers.ts';
import type { DriverDevice, DriverHost, DriverTraits, FunctionPlace } from '../driver-host.ts';

const BAR_MEMORY = 0xf000_0000;
const BAR_SIZE = 0x10_0000;
const BAR_IO = 0xc000;
const IO_SIZE = 0x20;
/** IOVAs are physical addresses with this added, so that a device that is given a physical address faults. */
const IOVA_OFFSET = 0x8000_0000;

/** One function with a real engine, memory behind a one-to-one table, and a kernel that only counts. */
export class FakeHost implements DriverHost, EndpointPort {
  now: Nanoseconds = 0;
  dword = 0;
  /** Requests are made one by one: none is steady. */
  readonly made: number = 1;
  readonly steady: boolean = false;
  validFor = 0;
  owner: MemoryOwner = 'dma-buffer';
  readonly engine: EndpointEngine;
  readonly config: Uint8Array = new Uint8Array(256);
  readonly memory: PhysicalMemory = new PhysicalMemory([{ start: 0, end: 2 ** 30, owner: 'crash-kernel' }]);
  readonly lines: string[] = [];
  /** Everything that happened, in order: `map`, `reset`, `master on`, `master off`, `fault`. */
  readonly events: string[] = [];
  /** IOVAs below do not translate any more: those of a kernel that has crashed. */
  validFrom: Address = IOVA_OFFSET;
  faults = 0;
  /** Whether interrupts reach the kernel. */
  interruptsArrive = true;
  interruptsAvailable = true;
  canMap = true;
  present = true;
  #seen = false;
  #next = PAGE_SIZE;

  constructor(description: EndpointDescription) {
    this.engine = createEngine(description, { seed: 3 });
    const view = new DataView(this.config.buffer);
    view.setUint32(0, 0x1234_8086, true);
    for (const index of [0, 5]) view.setUint32(0x10 + 4 * index, BAR_MEMORY + index * BAR_SIZE, true);
    view.setUint32(0x10 + 16, BAR_IO | 1, true);
  }

  device(traits: DriverTraits): DriverDevice {
    return { name: '0000:01:00.0', place: { segment: 0, bus: 1, device: 0, fn: 0 }, traits };
  }

  get command(): number {
    return this.config[4] as number;
  }

  /** Forgets the mappings of the kernel that ran so far, as a new domain does. */
  forgetMappings(): void {
    this.#next = Math.ceil(this.#next / PAGE_SIZE) * PAGE_SIZE;
    this.validFrom = IOVA_OFFSET + this.#next;
    this.#seen = false;
    this.events.length = 0;
  }

  run(ms: number): void {
    const until = this.now + milliseconds(ms);
    while (this.engine.nextTime <= until) {
      this.now = this.engine.nextTime;
      this.engine.step(this, this.now);
    }
    this.now = until;
  }

  delay(ms: number): void {
    this.run(ms);
  }

  log(line: string): void {
    this.lines.push(line);
  }

  configRead(_place: FunctionPlace, offset: number, size: number): number {
    if (!this.present) return 2 ** (size * 8) - 1;
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (this.config[offset + i] as number);
    return value;
  }

  configWrite(_place: FunctionPlace, offset: number, size: number, value: number): void {
    const before = this.command;
    for (let i = 0; i < size; i++) this.config[offset + i] = Math.floor(value / 256 ** i) & 0xff;
    if (((before ^ this.command) & Command.busMaster) === 0) return;
    const enabled = (this.command & Command.busMaster) !== 0;
    this.events.push(enabled ? 'master on' : 'master off');
    this.engine.busMasterChanged(enabled, this.now);
  }

  mmioRead32(address: Address): number {
    const bar = this.#bar(address);
    if (bar < 0) return 0xffff_ffff;
    return this.engine.readRegister(bar, (address - BAR_MEMORY) % BAR_SIZE, 4, this.now);
  }

  mmioWrite32(address: Address, value: number): void {
    const bar = this.#bar(address);
    if (bar >= 0) this.engine.writeRegister(bar, (address - BAR_MEMORY) % BAR_SIZE, 4, value, this.now);
  }

  ioRead(port: number, size: number): number {
    if (!this.#decodesIo(port)) return 2 ** (size * 8) - 1;
    return this.engine.readRegister(4, port - BAR_IO, size, this.now);
  }

  ioWrite(port: number, size: number, value: number): void {
    if (this.#decodesIo(port)) this.engine.writeRegister(4, port - BAR_IO, size, value, this.now);
  }

  allocate(bytes: number): Address {
    const address = this.#next;
    this.#next += Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
    return address;
  }

  mapDma(physical: Address): Address | undefined {
    this.events.push('map');
    return this.canMap ? physical + IOVA_OFFSET : undefined;
  }

  readMemory32(physical: Address): number {
    return this.memory.read32(physical);
  }

  writeMemory32(physical: Address, value: number): void {
    this.memory.write32(physical, value, 0);
  }

  setUpInterrupt(): boolean {
    this.#seen = false;
    return this.interruptsAvailable;
  }

  disableInterrupt(): void {
    this.interruptsArrive = false;
  }

  interruptSeen(): boolean {
    return this.#seen;
  }

  readDword(address: Address): CompletionStatus {
    const status = this.#request(address);
    if (status === Completion.success) this.dword = this.memory.read32(address - IOVA_OFFSET);
    return status;
  }

  writeDword(address: Address, value: number): CompletionStatus {
    const status = this.#request(address);
    if (status === Completion.success) this.memory.write32(address - IOVA_OFFSET, value, 1);
    return status;
  }

  readMore(): void {
    throw new Error('read on after a request that was not steady');
  }

  readAlike(): number {
    return 0;
  }

  writeNext(address: Address, value: number): CompletionStatus {
    return this.writeDword(address, value);
  }

  readMany(address: Address): CompletionStatus {
    return this.readData(address);
  }

  writeMany(address: Address, length: number): CompletionStatus {
    return this.writeData(address, length);
  }

  writeDataMore(address: Address, length: number, stride: number, count: number): void {
    for (let i = 0; i < count; i++) this.writeData(address + i * stride, length);
  }

  writeDwordMore(address: Address, stride: number, count: number, value: number): void {
    for (let i = 0; i < count; i++) this.writeDword(address + i * stride, value);
  }

  readData(address: Address): CompletionStatus {
    return this.#request(address);
  }

  writeData(address: Address, length: number): CompletionStatus {
    const status = this.#request(address);
    if (status === Completion.success) this.memory.writePattern(address - IOVA_OFFSET, length, 0x5a, 1);
    return status;
  }

  interrupt(): void {
    if (this.interruptsArrive) this.#seen = true;
  }

  deassertInterrupt(): void {}

  fatalError(): void {}

  #request(address: Address): CompletionStatus {
    const master = (this.command & Command.busMaster) !== 0;
    if (!master && this.engine.description.traits.honoursBusMaster) return Completion.notMaster;
    if (address >= this.validFrom && address < IOVA_OFFSET + this.#next) return Completion.success;
    this.faults++;
    this.events.push('fault');
    return Completion.unsupportedRequest;
  }

  #bar(address: Address): number {
    if (!this.present || (this.command & Command.memory) === 0) return -1;
    const bar = Math.floor((address - BAR_MEMORY) / BAR_SIZE);
    return bar === 0 || bar === 5 ? bar : -1;
  }

  #decodesIo(port: number): boolean {
    return this.present && (this.command & Command.io) !== 0 && port >= BAR_IO && port < BAR_IO + IO_SIZE;
  }
}
