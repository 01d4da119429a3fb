import type { InitcallLevel, Phase } from '@quiesce/strategy';
import {
  declinesInterruptRemapping,
  enableInterrupts,
  setUpInterrupts,
} from '../interrupts/kernel-interrupts.ts';
import { disableMessageInterrupts } from '../interrupts/message-interrupts.ts';
import { bootKernel } from '../kernel/boot-kernel.ts';
import { deviceHost } from '../kernel/device-host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { dumpTargetWorks } from '../outcome/dump-target.ts';
import { sizeBars } from '../pci/bar-sizing.ts';
import { fixUpEarly } from '../pci/early-fixups.ts';
import { enumerate } from '../pci/enumeration.ts';
import { assignResources } from '../pci/resource-assignment.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import type { StrategyHost } from '../strategy-host/strategy-host.ts';
import type { World } from '../world/world.ts';
import { type AttachedDrivers, attachDrivers } from './attach-drivers.ts';
import {
  pciLines,
  sayAbsentStructures,
  sayMmconfig,
  sayRemappingInventory,
  sayWhoBoots,
} from './boot-messages.ts';
import { bindDriver, machineFunctionAt } from './machine-drivers.ts';
import { rootSpace } from './root-space.ts';
import { receiveVirtualFunctions } from './virtual-function-drivers.ts';

/** The second kernel, phase by phase, up to the end of the dump. @throws MachineStopped */
export class SecondKernel {
  readonly kernel: Kernel;
  readonly #world: World;
  readonly #strategy: StrategyHost;
  /** What of this phase's own time is over, milliseconds. */
  #spentMs = 0;
  /** What became of each function that was enumerated or driven, so far. */
  attached: AttachedDrivers | undefined;

  constructor(world: World, profile: KernelProfile, strategy: StrategyHost) {
    this.#world = world;
    this.#strategy = strategy;
    world.log.beginSecondKernel();
    this.kernel = bootKernel(world, 2, profile);
    this.kernel.parameters = new Set(strategy.parameters);
  }

  run(): void {
    const { kernel } = this;
    this.#world.recorder.events = kernel;
    this.#phase('setup_arch', () => {
      sayWhoBoots(kernel, this.#strategy.parameters);
      this.#strategy.setupArch(kernel);
    });
    this.#phase('irq_remap_init', () => this.#irqRemapInit());
    this.#phase('early_initcalls', () => this.#initcalls('pure', 'core', 'postcore'));
    this.#phase('pci_arch_init', () => {
      kernel.mmconfig = true;
      sayMmconfig(kernel);
      this.#initcalls('arch');
    });
    this.#phase('acpi_init', () => {
      this.#enumerate();
      this.#initcalls('subsys');
    });
    this.#phase('fs_initcalls', () => {
      this.#assignResources();
      this.#initcalls('fs');
    });
    this.#phase('fs_sync_initcalls', () => {
      this.#finalFixups();
      this.#initcalls('fs_sync');
    });
    this.#phase('iommu_init', () => {
      this.#iommuInit();
      this.#initcalls('rootfs');
    });
    const builtIn = kernel.profile.driversLoadIn === 'device_initcalls';
    this.#phase('device_initcalls', () => {
      if (builtIn) this.#attachDrivers();
      this.#initcalls('device');
    });
    this.#phase('late_initcalls', () => this.#initcalls('late'));
    this.#phase('init', () => {
      if (kernel.profile.messages.init !== null) kernel.log(kernel.profile.messages.init);
      if (builtIn) return;
      kernel.delay(kernel.profile.undrivenMs ?? 0);
      this.#world.onMilestone?.('load_drivers');
      kernel.delay(kernel.profile.moduleLoadMs ?? 0);
      this.#attachDrivers();
    });
    this.#phase('dump', () => kernel.log('kdump: saving vmcore'));
    kernel.log(this.#dumpSaved() ? 'kdump: saving vmcore complete' : 'kdump: saving vmcore failed');
  }

  /** What a phase does, then the rest of its time. */
  #phase(phase: Phase & keyof KernelProfile['phaseMs'], body: () => void): void {
    this.#world.beginPhase(phase);
    this.#spentMs = 0;
    body();
    this.kernel.delay(this.kernel.profile.phaseMs[phase] - this.#spentMs);
  }

  #initcalls(...levels: readonly InitcallLevel[]): void {
    for (const level of levels) this.#strategy.initcalls(level, this.kernel);
  }

  #irqRemapInit(): void {
    const { kernel } = this;
    enableInterrupts(kernel);
    sayRemappingInventory(kernel);
    if (!declinesInterruptRemapping(kernel.parameters) && !this.#strategy.irqRemapInit(kernel)) {
      kernel.remapping.enableInterruptRemapping();
    }
    kernel.handlesFaults = kernel.units.length > 0;
    if (this.#strategy.strategy.iommuFault !== undefined) this.#tellOfFaults();
    this.#spentMs = setUpInterrupts(kernel);
  }

  #tellOfFaults(): void {
    const { kernel } = this;
    kernel.onFault = (fault) => {
      const place = fault.requesterId;
      const device = kernel.devices.find(
        (one) => one.segment === fault.unit.segment && one.requesterId === place,
      );
      this.#strategy.iommuFault(kernel, { ...fault, device });
    };
  }

  #enumerate(): void {
    const { kernel } = this;
    kernel.devices = enumerate(kernel, this.#world.machine.rootComplexes, pciLines(kernel));
    if (kernel.profile.masksRemappingErrors !== false) fixUpEarly(kernel.devices);
    receiveVirtualFunctions(kernel);
    for (const device of kernel.devices) {
      sizeBars(device);
      // pci_msi_init_pci_dev: whoever had messages enabled before does not send them any more.
      disableMessageInterrupts(device);
      device.hasDriver = machineFunctionAt(this.#world, device)?.driver.second === true;
    }
  }

  #assignResources(): void {
    const { kernel } = this;
    const lines = pciLines(kernel);
    assignResources(
      kernel.devices,
      rootSpace(this.#world.machine),
      (line) => kernel.log(line),
      (bridge, window) => lines.window(bridge, window),
    );
  }

  /** Final quirks; the USB hand-off stops controllers long before their drivers (quirk_usb_early_handoff). */
  #finalFixups(): void {
    const { kernel } = this;
    if (!kernel.profile.handsOffUsb) return;
    for (const device of kernel.devices) {
      const described = machineFunctionAt(this.#world, device);
      if (described === undefined) continue;
      const { driver, target } = bindDriver(described, device);
      driver.earlyHandoff?.(deviceHost(kernel, device), target);
    }
  }

  #iommuInit(): void {
    const { kernel } = this;
    sayAbsentStructures(kernel);
    if (!this.#strategy.iommuInit(kernel)) kernel.remapping.initialise();
    kernel.remapping.finishInitialisation();
  }

  #dumpSaved(): boolean {
    const { machine } = this.#world;
    return dumpTargetWorks(machine, (name) => this.attached?.get(name));
  }

  #attachDrivers(): void {
    this.attached = attachDrivers(this.#world, this.kernel, this.#strategy, (so) => {
      this.attached = so;
    });
  }
}
