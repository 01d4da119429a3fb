import { millisecond } from '@quiesce/simulation';
import type { Kernel } from '../kernel/kernel.ts';
import { leaveLocalApic, setUpLocalApic, startLocalApic } from './apic-setup.ts';
import { interruptsOf } from './interrupt-profile.ts';
import { checkTimer } from './timer-check.ts';
import { TimerLine } from './timer-line.ts';
import { TIMER_VECTOR } from './vector-space.ts';

/** ACPI, the clock, two serial ports, keyboard and mouse: what a kernel asks for before any driver of PCI. */
const PLATFORM_INTERRUPTS = 6;
const ROOT_PORT = 4;

/** The first kernel takes the processor over from firmware. */
export function startInterrupts({ world, profile, interrupts }: Kernel): void {
  const { processor } = world;
  processor.runs(interrupts);
  interrupts.isaInterruptsOf8259A = false;
  interrupts.timerRoute = 'local APIC';
  startLocalApic(processor, interruptsOf(profile));
  processor.enableInterrupts();
}

/** What the crash path does to the processor. Other processors are gone from here on, and accept nothing. */
export function stopInterrupts(kernel: Kernel): void {
  const { processor } = kernel.world;
  processor.runs({ take: () => {} });
  processor.disableInterrupts();
  if (hasLocalApic(kernel)) leaveLocalApic(processor, interruptsOf(kernel.profile));
}

/** `local_irq_enable` in `start_kernel`: with the 8259A's handlers behind the ISA vectors, and with what is pending. */
export function enableInterrupts(kernel: Kernel): void {
  const { world, interrupts } = kernel;
  const { processor } = world;
  interrupts.isaInterruptsOf8259A = hasLocalApic(kernel);
  processor.runs(interrupts);
  processor.enableInterrupts();
}

/**
 * `apic_intr_mode_init` after interrupt remapping: local APIC, I/O APIC, timer.
 * @returns milliseconds that it took
 * @throws MachineStopped if the timer does not work
 */
export function setUpInterrupts(kernel: Kernel): number {
  const { world, profile, interrupts } = kernel;
  const { processor } = world;
  if (!hasLocalApic(kernel)) return 0;
  setUpLocalApic(processor, interruptsOf(profile), (line) => kernel.log(line));
  // setup_IO_APIC_irqs: from here on the ISA interrupts are the I/O APIC's, and acknowledged as such.
  interrupts.isaInterruptsOf8259A = false;
  const timer = new TimerLine(processor, world.hardware);
  routeTimer(kernel, timer);
  const from = kernel.now;
  checkTimer({
    timer,
    interrupts,
    remapped: kernel.remapping.remapsInterrupts ?? false,
    wait: (ms) => world.wait(ms),
    log: (line) => kernel.log(line),
    panic: (reason) => kernel.panic(reason),
  });
  kernel.handleFaultsIfAny();
  return (kernel.now - from) / millisecond;
}

/** The timer's interrupt through the I/O APIC: remapped like a device's where its unit remaps interrupts. */
function routeTimer(kernel: Kernel, timer: TimerLine): void {
  const { identity } = timer;
  // The processor that a kernel boots on: the first of the machine, and after a crash the one that crashed.
  const id = kernel.which === 1 ? 0 : kernel.world.processor.id;
  if (identity === undefined) timer.message = { address: 0xfee0_0000 + id * 0x1000, data: TIMER_VECTOR };
  else timer.message = kernel.remapping.interruptMessage(identity, TIMER_VECTOR, id);
}

/**
 * What a kernel hands out before any driver asks: vectors for units' fault events, ISA devices and root ports' services,
 * and the timer's entry in the table of its unit (the second kernel has routed its timer long since).
 */
export function claimPlatformVectors(kernel: Kernel): void {
  const { interrupts, profile, units, devices, world } = kernel;
  const rootPorts = devices.filter(({ pcieType }) => pcieType === ROOT_PORT).length;
  const isa = interruptsOf(profile).vectors === 'matrix' ? PLATFORM_INTERRUPTS : 0;
  for (let i = 0; i < units.length + isa + rootPorts; i++) interrupts.allocateVector();
  if (kernel.which === 1) routeTimer(kernel, new TimerLine(world.processor, world.hardware));
}

/** `nointremap` and `intremap=off`: interrupt remapping is left as it is found. */
export function declinesInterruptRemapping(parameters: ReadonlySet<string>): boolean {
  return parameters.has('nointremap') || parameters.has('intremap=off');
}

/** Whether the machine's processors have local APICs. Those with an SMMU are of another architecture. */
function hasLocalApic({ world }: Kernel): boolean {
  return world.machine.units.every(({ architecture }) => architecture !== 'smmu-v3');
}
