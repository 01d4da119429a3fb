import type { Machine } from '@quiesce/machine';
import type { GuestRegisters } from '@quiesce/qemu-control';
import { hookNames } from '@quiesce/strategy';
import type { LabPhase } from '../account/account.ts';
import { type MachineRequester, machineRequesters } from '../account/machine-requesters.ts';
import { LabGuest } from '../guest/lab-guest.ts';
import { reportedFunctions } from '../guest/reported-functions.ts';
import { type HardwareSight, seeHardware } from '../observe/hardware-sight.ts';
import { vectorsInService } from '../observe/local-apic.ts';
import { PhaseTimeline } from '../observe/phase-timeline.ts';
import type { CrashPhase } from '../snapshot/crash-phase.ts';
import type { HookFailure, HookReport } from '../strategy/hook-report.ts';
import type { HookSituation } from '../strategy/hook-situation.ts';
import { stopFor } from '../strategy/hook-stops.ts';
import type { StrategyWorker } from '../strategy/strategy-worker.ts';
import type { BootPlan } from './boot-plan.ts';
import { LAB_MEMORY } from './command-lines.ts';
import type { CrashRecord } from './crash-record.ts';
import type { LabMachine } from './first-kernel.ts';
import { type GuestEvent, nextEvent } from './guest-event.ts';
import { HeldTraffic } from './held-traffic.ts';
import { firstInitcall } from './initcall-table.ts';
import { quietDevices } from './quiet-devices.ts';
import { type StopAction, StopTable } from './stop-table.ts';

/** The longest that a guest may show no sign of life after the crash. */
const SILENCE_MS = 180_000;
/** COMMAND_LINE_SIZE (arch/x86/include/asm/setup.h). */
const COMMAND_LINE_BYTES = 2048;
/** Where the lab looks at the hardware, whatever the strategy. */
const PHASE_STOPS: readonly (readonly [symbol: string, phase: LabPhase])[] = [
  ['pci_arch_init', 'pci_arch_init'],
  ['acpi_init', 'acpi_init'],
  ['pci_iommu_init', 'iommu_init'],
];

/** One crash of a guest that is ready for it: stops at boot phases, runs the strategy there, and writes down what it sees. */
export class CrashRun {
  readonly #plan: BootPlan;
  readonly #machine: Machine;
  readonly #lab: LabMachine;
  readonly #worker: StrategyWorker;
  readonly #requesters: readonly MachineRequester[];
  readonly #traffic: HeldTraffic;
  readonly #stops = new StopTable();
  readonly #timeline = new PhaseTimeline();
  readonly #sights = new Map<LabPhase, HardwareSight>();
  readonly #looking: Promise<void>[] = [];
  readonly #hooks: HookReport[] = [];
  readonly #onStep: (step: string) => void;
  #failure: HookFailure | null = null;
  /** Undefined until the first kernel has printed its own panic. */
  #consoleFrom: number | undefined;

  constructor(plan: BootPlan, lab: LabMachine, worker: StrategyWorker, onStep: (step: string) => void) {
    this.#plan = plan;
    this.#machine = plan.machine;
    this.#lab = lab;
    this.#worker = worker;
    this.#onStep = onStep;
    this.#requesters = machineRequesters(plan.machine);
    this.#traffic = new HeldTraffic(lab.qemu);
    lab.reports.onLine(({ text, at }) => {
      const phase = /^phase (undriven|drivers|dump)$/.exec(text)?.[1] as LabPhase | undefined;
      if (phase !== undefined) this.#begin(phase, at);
    });
  }

  /** Has the first kernel crash, and stops in the second one's setup_arch. @returns why it did not come there, or null */
  async crash(): Promise<string | null> {
    const { qemu, reports } = this.#lab;
    this.#traffic.flow();
    await qemu.qmp.execute('stop');
    if (this.#plan.variant.interrupts === 'masked') {
      const lspci = reports.files.get('lspci')?.toString('latin1') ?? '';
      await quietDevices(qemu, reportedFunctions(lspci));
    }
    await qemu.gdb.attach();
    this.#stops.add(this.#symbol('machine_kexec'), { kind: 'phase', phase: 'crash' });
    for (const hook of ['crash', 'iommuCrashShutdown'] as const) {
      if (this.#worker.hooks.includes(hook))
        this.#stops.add(this.#symbol('machine_kexec'), { kind: 'hook', hook });
    }
    await this.#stops.arm(qemu.gdb);
    qemu.gdb.continue();
    qemu.serialInput[1]?.write('crash\n');
    const first = await this.#next();
    if (first.kind !== 'stop') return why(first);
    await this.#act();
    this.#consoleFrom = qemu.serial[0]?.lines.length ?? 0;
    await qemu.gdb.setBreakpoint(this.#symbol('setup_arch'));
    qemu.gdb.continue();
    const second = await this.#next();
    if (second.kind !== 'stop') return why(second);
    await qemu.gdb.clearBreakpoint(this.#symbol('setup_arch'));
    return null;
  }

  /** What the crash itself has shown, for later runs that {@link resume} after it. */
  get crashPhase(): CrashPhase {
    const sight = this.#sights.get('crash');
    const counts = new Map<number, number>();
    this.#lab.faults.forEach((at, requesterId, reason) => {
      if (this.#timeline.at(at) !== 'crash') return;
      const key = requesterId * 256 + reason;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    return {
      faults: [...counts].map(([key, count]) => [Math.floor(key / 256), key % 256, count]),
      commands: [...(sight?.commands ?? [])],
      units: sight?.units ?? {},
      lspci: this.#lab.reports.files.get('lspci')?.toString('latin1') ?? '',
    };
  }

  /** Takes up a guest that was saved in setup_arch. */
  async resume(crash: CrashPhase): Promise<void> {
    const { qemu, faults } = this.#lab;
    this.#consoleFrom = 0;
    const now = Date.now();
    this.#timeline.begin('crash', now);
    this.#sights.set('crash', { commands: new Map(crash.commands), units: crash.units });
    for (const [requesterId, reason, count] of crash.faults) {
      for (let i = 0; i < count; i++) faults.add(now, requesterId, reason);
    }
    await qemu.gdb.attach();
    this.#traffic.flow();
  }

  /** Boots the second kernel from setup_arch, where it stands, to its end. */
  async boot(secondCommandLine: string): Promise<string | null> {
    const { qemu } = this.#lab;
    await this.#begin('setup_arch');
    await this.#writeCommandLine(secondCommandLine);
    if (this.#worker.hooks.includes('setupArch')) await this.#runHook('setupArch');
    await this.#setStops();
    for (;;) {
      if (this.#failure !== null) return `the strategy failed: ${this.#failure.message}`;
      qemu.gdb.continue();
      const event = await this.#next();
      if (event.kind !== 'stop') return why(event);
      await this.#act();
    }
  }

  /** @param stopped what {@link crash} or {@link boot} came to */
  async record(stopped: string | null): Promise<CrashRecord> {
    await Promise.allSettled(this.#looking);
    const lapic = stopped === null ? '' : await this.#lab.qemu.qmp.monitor('info lapic').catch(() => '');
    const inService = vectorsInService(lapic);
    return {
      ...(inService === undefined ? {} : { inService }),
      timeline: this.#timeline,
      sights: this.#sights,
      hooks: this.#hooks,
      failure: this.#failure,
      stopped,
      consoleFrom: this.#consoleFrom ?? 0,
    };
  }

  #next(): Promise<GuestEvent> {
    return nextEvent(this.#lab.qemu, this.#lab.reports, this.#consoleFrom, SILENCE_MS);
  }

  #symbol(name: string): string {
    const { symbols } = this.#plan.kernel;
    symbols.require(name);
    return symbols.virtual(name) as string;
  }

  /** A phase begins now; what stands in the hardware is looked at before anything else is done. */
  async #begin(phase: LabPhase, at: number = Date.now()): Promise<void> {
    this.#timeline.begin(phase, at);
    this.#onStep(phase);
    const look = seeHardware(this.#lab.qemu.qtest, this.#machine, this.#requesters).then((sight) => {
      this.#sights.set(phase, sight);
    });
    this.#looking.push(look);
    await look.catch(() => {});
  }

  async #setStops(): Promise<void> {
    const { gdb } = this.#lab.qemu;
    for (const [symbol, phase] of PHASE_STOPS)
      this.#stops.add(this.#symbol(symbol), { kind: 'phase', phase });
    for (const hook of hookNames) {
      const stop = stopFor(hook);
      if (!this.#worker.hooks.includes(hook) || stop === undefined) continue;
      if (stop.phase === 'crash' || stop.phase === 'setup_arch') continue;
      const address =
        stop.is === 'function'
          ? this.#symbol(stop.symbol)
          : await firstInitcall(gdb, this.#plan.kernel.symbols.require(stop.symbol));
      this.#stops.add(address, { kind: 'hook', hook });
    }
    await this.#stops.arm(gdb);
  }

  /** Does what is to be done at the address where the guest stands. */
  async #act(): Promise<void> {
    const { gdb } = this.#lab.qemu;
    const registers = await gdb.registers();
    const address = registers.get('rip');
    const actions = await this.#stops.take(gdb, address);
    for (const action of actions) {
      if (action.kind === 'phase') {
        await this.#begin(action.phase);
        if (action.phase === 'iommu_init') await this.#watchReturn(registers);
        if (action.phase === 'initcalls') this.#traffic.flow();
      } else if (this.#failure === null) await this.#runHook(action.hook, registers);
    }
    await this.#keep(address, actions);
  }

  /** A driver attaches more than once: the guest is taken past the place, and stops there again. */
  async #keep(address: string, actions: readonly StopAction[]): Promise<void> {
    const again = actions.filter((one) => one.kind === 'hook' && one.hook === 'deviceAttach');
    if (again.length === 0) return;
    await this.#lab.qemu.gdb.step();
    for (const action of again) this.#stops.add(address, action);
    await this.#stops.arm(this.#lab.qemu.gdb);
  }

  /** The function that the guest is about to enter ends where its caller goes on. */
  async #watchReturn(registers: GuestRegisters): Promise<void> {
    const { gdb } = this.#lab.qemu;
    this.#traffic.hold();
    this.#stops.add(await this.#returnAddress(registers), { kind: 'phase', phase: 'initcalls' });
    await this.#stops.arm(gdb);
  }

  async #returnAddress(registers: GuestRegisters): Promise<string> {
    const bytes = await this.#lab.qemu.gdb.readVirtual(registers.get('rsp'), 8);
    return Buffer.from(bytes).reverse().toString('hex');
  }

  async #runHook(hook: HookReport['hook'], registers?: GuestRegisters): Promise<void> {
    const { qemu } = this.#lab;
    this.#onStep(`strategy: ${hook}`);
    const situation: HookSituation = {
      memory: LAB_MEMORY,
      ...(hook === 'deviceAttach' && registers !== undefined
        ? { device: await this.#attached(registers) }
        : {}),
    };
    const guest = new LabGuest(qemu, () => this.#runKernel(registers));
    const report = await this.#worker.run(hook, situation, guest);
    this.#hooks.push(report);
    this.#failure ??= report.failure;
  }

  /** Lets the kernel's function run that the guest stood before, and stops where it has returned. */
  async #runKernel(registers: GuestRegisters | undefined): Promise<void> {
    const { gdb } = this.#lab.qemu;
    if (registers === undefined) throw new Error('no function of the kernel begins here');
    const end = await this.#returnAddress(registers);
    this.#stops.add(end);
    await this.#stops.arm(gdb);
    for (;;) {
      gdb.continue();
      const event = await this.#next();
      if (event.kind !== 'stop') throw new Error(why(event) ?? 'the guest went on without stopping');
      const at = (await gdb.registers()).get('rip');
      await this.#act();
      if (at === end) return;
    }
  }

  /** Name of the function whose probe begins: `struct device` begins with its kobject, that with its name. */
  async #attached(registers: GuestRegisters): Promise<string> {
    const { gdb } = this.#lab.qemu;
    const pointer = Buffer.from(await gdb.readVirtual(registers.get('rdi'), 8))
      .reverse()
      .toString('hex');
    const name = Buffer.from(await gdb.readVirtual(pointer, 16)).toString('latin1');
    return name.slice(0, name.indexOf('\0'));
  }

  /** Where the crashed kernel's ELF core header stands is kexec's to say: that word stays in front. */
  async #writeCommandLine(line: string): Promise<void> {
    const { gdb } = this.#lab.qemu;
    const address = this.#symbol('boot_command_line');
    const loaded = Buffer.from(await gdb.readVirtual(address, COMMAND_LINE_BYTES)).toString('latin1');
    const header = /^elfcorehdr=\S+ /.exec(loaded)?.[0] ?? '';
    const bytes = Buffer.alloc(COMMAND_LINE_BYTES);
    bytes.write(header + line, 0, COMMAND_LINE_BYTES - 1, 'latin1');
    await gdb.writeVirtual(address, bytes);
  }
}

function why(event: GuestEvent): string | null {
  return event.kind === 'dead' ? event.why : null;
}
