import type { PcieFunction, SystemErrorCause, SystemErrorKind } from '@quiesce/pcie-model';
import { milliseconds, type WriterId } from '@quiesce/simulation';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import { InterruptController } from '../interrupts/interrupt-controller.ts';
import { interruptsOf } from '../interrupts/interrupt-profile.ts';
import { claimPlatformVectors, startInterrupts } from '../interrupts/kernel-interrupts.ts';
import { type Vector, VectorSpace } from '../interrupts/vector-space.ts';
import { RateLimit } from '../log/rate-limit.ts';
import type { KernelEvents } from '../outcome/recorder.ts';
import type { ConfigPort } from '../pci/config-port.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import type { HandledFault, KernelRemapping } from '../remapping/kernel-remapping.ts';
import type { World } from '../world/world.ts';
import { ecamPort, type1Port } from './config-ports.ts';
import { DelayedWork } from './delayed-work.ts';
import type { PagePool } from './page-pool.ts';

/** The fault handler takes records at this pace while faults come in, milliseconds. */
const FAULT_ROUND_MS = 10;
/** Work that schedules itself at once lets time pass all the same, milliseconds. */
const SOONEST_WORK_MS = 0.001;

/** How often it is accounted what interrupts have taken of the processor, milliseconds of a kernel's own time. */
const ACCOUNTING_MS = 100;

/** After so long with nothing but interrupts a kernel is said to make no progress, milliseconds. */
const NO_PROGRESS_MS = 1000;

/** An error that a root port reported by interrupt, to be handled when the kernel gets to it. */
export interface PendingAer {
  readonly rootPort: PcieFunction;
  readonly sourceId: number;
  readonly severity: 'correctable' | 'nonfatal' | 'fatal';
}

/** A running kernel: its memory, its view of PCI, its interrupts and its clock. */
export class Kernel implements KernelEvents {
  readonly which: 1 | 2;
  readonly profile: KernelProfile;
  readonly world: World;
  /** Pages for tables. */
  readonly pages: PagePool;
  /** Pages for buffers of devices. */
  readonly buffers: PagePool;
  readonly writer: WriterId;
  readonly units: readonly RemappingUnitHandle[];
  readonly interrupts: InterruptController;
  /** Its command line; the first kernel's is of no interest. */
  parameters: ReadonlySet<string> = new Set();
  devices: KernelPciDevice[] = [];
  remapping!: KernelRemapping;
  /** MMCONFIG is set up: config space of 4,096 bytes, all segments. */
  mmconfig = false;
  /** The fault handler is installed. */
  handlesFaults = false;
  readonly pendingAer: PendingAer[] = [];
  /** Told of each fault that the handler took. */
  onFault: ((fault: HandledFault) => void) | undefined;
  readonly #type1: ConfigPort;
  readonly #ecam: ConfigPort;
  readonly #serrLines = new RateLimit(3);
  readonly #work = new DelayedWork();
  #inFaultHandler = false;
  #platformVectorsClaimed = false;

  constructor(options: {
    which: 1 | 2;
    profile: KernelProfile;
    world: World;
    pages: PagePool;
    buffers: PagePool;
    units: readonly RemappingUnitHandle[];
  }) {
    this.which = options.which;
    this.profile = options.profile;
    this.world = options.world;
    this.pages = options.pages;
    this.buffers = options.buffers;
    this.units = options.units;
    this.writer = options.world.hardware.memory.writer(`kernel ${options.which}`);
    this.interrupts = this.#interruptController();
    this.#type1 = type1Port(options.world);
    this.#ecam = ecamPort(options.world);
    if (this.which === 1) startInterrupts(this);
  }

  get now(): number {
    return this.world.now;
  }

  /** Config space as this kernel reaches it now. */
  port(): ConfigPort {
    return this.mmconfig ? this.#ecam : this.#type1;
  }

  /** The ports 0xCF8 and 0xCFC, which stay usable later. */
  get type1(): ConfigPort {
    return this.#type1;
  }

  get ecam(): ConfigPort {
    return this.#ecam;
  }

  log(line: string): void {
    this.world.log.print(line);
  }

  panic(reason: string): void {
    this.log(`Kernel panic - not syncing: ${reason}`);
    this.world.stop(`kernel panic: ${reason}`);
    this.world.checkStopped();
  }

  /**
   * Lets `ms` milliseconds of the kernel's own time pass. Faults are handled as they come, once there is a handler;
   * what interrupts of nobody take of the processor comes on top.
   * @throws MachineStopped, also where interrupts leave nothing of the processor
   */
  delay(ms: number): void {
    let rest = ms;
    let withoutProgressMs = 0;
    while (rest > 0) {
      const slice = Math.min(rest, ACCOUNTING_MS);
      this.#pass(slice);
      const stolen = this.interrupts.takeStolenMs();
      rest += stolen - slice;
      withoutProgressMs = stolen >= slice ? withoutProgressMs + slice : 0;
      if (withoutProgressMs >= NO_PROGRESS_MS) {
        this.world.stop("boot makes no progress: interrupts take all of the processor's time");
        this.world.checkStopped();
      }
    }
  }

  #pass(ms: number): void {
    if (!this.handlesFaults) {
      this.world.wait(ms);
      return;
    }
    const end = this.now + milliseconds(ms);
    while (this.now < end) {
      const due = Math.max(this.now, this.#work.nextAt);
      this.world.runUntil(Math.min(end, this.now + milliseconds(FAULT_ROUND_MS), due));
      this.handleFaults();
      this.#work.runDue(this.now);
    }
  }

  /** Runs `work` once `ms` have passed and the kernel lets time pass; boot goes on meanwhile. */
  schedule(ms: number, work: () => void): void {
    this.#work.add(this.now + milliseconds(Math.max(ms, SOONEST_WORK_MS)), work);
  }

  /** What the fault handler would have done while nobody let it. */
  handleFaultsIfAny(): void {
    if (this.handlesFaults) this.handleFaults();
  }

  /** Whether `option` is among those of `pci=` on the command line. */
  hasPciOption(option: string): boolean {
    for (const parameter of this.parameters) {
      if (parameter.startsWith('pci=') && parameter.slice(4).split(',').includes(option)) return true;
    }
    return false;
  }

  /** A vector for a device driver. */
  allocateVector(): Vector {
    if (!this.#platformVectorsClaimed) {
      this.#platformVectorsClaimed = true;
      claimPlatformVectors(this);
    }
    return this.interrupts.allocateVector();
  }

  /** A crash kernel is told to run on the processor that it starts on. */
  #interruptController(): InterruptController {
    const { processor, processors } = this.world;
    const runsAll = this.which === 1;
    const ids = runsAll ? [...Array(processors).keys()] : [processor.id];
    const { vectors, strayInterruptUs } = interruptsOf(this.profile);
    return new InterruptController(processor, new VectorSpace(vectors, ids), {
      runsAll,
      strayCostUs: strayInterruptUs,
    });
  }

  /** One round of the fault handler. It does not interrupt itself: what waits in it takes no further round. */
  handleFaults(): void {
    if (this.#inFaultHandler) return;
    this.#inFaultHandler = true;
    try {
      for (const fault of this.remapping.handleFaults()) this.onFault?.(fault);
    } finally {
      this.#inFaultHandler = false;
    }
  }

  interrupt(_fn: PcieFunction, vector: number, destination: number, repeat: number): void {
    this.world.processor.receive(vector, destination, repeat);
  }

  pin(fn: PcieFunction, asserted: boolean): void {
    if (asserted) this.interrupts.asserted(fn);
  }

  aer(rootPort: PcieFunction, sourceId: number, severity: PendingAer['severity']): void {
    if (this.pendingAer.length < 64) this.pendingAer.push({ rootPort, sourceId, severity });
  }

  systemError(kind: SystemErrorKind, cause: SystemErrorCause): void {
    if (kind === 'aer-interrupt') return;
    if (kind === 'smi-hang') {
      this.world.stop(`SMI handler did not return (${cause})`);
      return;
    }
    const print = this.#serrLines.allows(this.now, () => {});
    if (print) this.log('NMI: PCI system error (SERR) for reason a1 on CPU 0.');
    if (this.profile.panicsOnSystemError) {
      this.log('NMI: Not continuing');
      this.world.stop(`PCI system error (${cause})`);
    } else if (print) this.log('Dazed and confused, but trying to continue');
  }
}
