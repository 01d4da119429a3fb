import { setTimeout as sleep } from 'node:timers/promises';
import type { QemuProcess } from '@quiesce/qemu-control';
import type { AccessSize, StoppedGuest } from './stopped-guest.ts';

/** `jmp .`: the processor goes nowhere while the hardware runs on. */
const SPIN = new Uint8Array([0xeb, 0xfe]);
const STOP_MS = 120_000;

/** A guest in QEMU whose processor stands at a breakpoint. */
export class LabGuest implements StoppedGuest {
  readonly #qemu: QemuProcess;
  readonly #runKernel: () => Promise<void>;

  /** @param runKernel lets the kernel's function run and stops again after it; default: there is none at this stop */
  constructor(
    qemu: QemuProcess,
    runKernel: () => Promise<void> = () => Promise.reject(new Error('no function of the kernel begins here')),
  ) {
    this.#qemu = qemu;
    this.#runKernel = runKernel;
  }

  readPort(port: number, size: AccessSize): Promise<number> {
    return this.#qemu.qtest.readPort(port, size);
  }

  writePort(port: number, size: AccessSize, value: number): Promise<void> {
    return this.#qemu.qtest.writePort(port, size, value);
  }

  read(address: number, size: AccessSize): Promise<number> {
    return this.#qemu.qtest.read(address, size);
  }

  write(address: number, size: AccessSize, value: number): Promise<void> {
    return this.#qemu.qtest.write(address, size, value);
  }

  readBytes(address: number, length: number): Promise<Uint8Array> {
    return this.#qemu.qtest.readBytes(address, length);
  }

  writeBytes(address: number, bytes: Uint8Array): Promise<void> {
    return this.#qemu.qtest.writeBytes(address, bytes);
  }

  runKernel(): Promise<void> {
    return this.#runKernel();
  }

  /** The instruction that the guest stands at becomes a jump to itself for as long as it takes. */
  async wait(ms: number): Promise<void> {
    const { gdb } = this.#qemu;
    const registers = await gdb.registers();
    const rip = registers.get('rip');
    const code = await gdb.readVirtual(rip, SPIN.length);
    await gdb.writeVirtual(rip, SPIN);
    await gdb.writeRegisters(registers.withInterruptsDisabled());
    gdb.continue();
    await sleep(ms);
    gdb.interrupt();
    await this.#qemu.orEnd(gdb.waitForStop(STOP_MS), STOP_MS, 'the guest to stop');
    await gdb.writeVirtual(rip, code);
    await gdb.writeRegisters(registers);
  }
}
