import { type RemappingUnitHandle, resolveOptions } from '@quiesce/strategy';
import { MiniMachine, type MiniMachineDescription } from '@quiesce/strategy/contract';
import {
  invalidateAllContexts,
  invalidateAllInterruptEntries,
  invalidateAllTranslations,
  registerOffset,
  VtdUnit,
  type WideValue,
} from '@quiesce/vtd-iommu';
import { scratchPage } from '../scratch-page.ts';

const COMMANDS = {
  translation: 0x8000_0000,
  rootTable: 0x4000_0000,
  interrupts: 0x0200_0000,
  queue: 0x0400_0000,
  table: 0x0100_0000,
};

/** Where a request went. */
export interface Landing {
  readonly allowed: boolean;
  readonly address: number;
  readonly untranslated: boolean;
}

/** A {@link MiniMachine} with a unit that really walks its tables, as a crashed kernel has left both. */
export class LiveMachine {
  readonly machine: MiniMachine;
  readonly unit: VtdUnit;
  faults = 0;
  /** Called whenever the strategy has written a register of the unit. */
  between: () => void = () => {};
  readonly #strategy: ReturnType<typeof scratchPage.create>;
  #queue = 0;
  #tail = 0;
  readonly #options: ReturnType<typeof resolveOptions>;

  constructor(
    description: MiniMachineDescription,
    given: { readonly options?: object; readonly posts?: boolean; readonly extended?: WideValue } = {},
  ) {
    this.machine = new MiniMachine(description);
    this.#options = resolveOptions(scratchPage, given.options ?? {});
    this.#strategy = scratchPage.create(this.#options as never);
    this.unit = new VtdUnit({
      name: 'dmar0',
      segment: 0,
      registerBase: 0xfed9_0000,
      version: 0x10,
      // As QEMU's unit in the captures, with posted interrupts if asked for.
      capability: { low: 0x2226_0206, high: (0x00d2_008c + (given.posts ? 1 << 27 : 0)) >>> 0 },
      extendedCapability: given.extended ?? { low: 0x00f0_0f4a, high: 0 },
      memory: this.machine.memory,
      onFault: () => {
        this.faults++;
      },
    });
  }

  /** Translation on, with this value of RTADDR; by default that of the old tables in legacy mode. */
  startTranslation(rootTable: number = this.machine.unit.rootTable): void {
    this.unit.writeWide(registerOffset.RTADDR, rootTable, 0);
    this.unit.writeRegister32(registerOffset.GCMD, COMMANDS.rootTable);
    this.unit.writeRegister32(registerOffset.GCMD, COMMANDS.translation);
  }

  /** Interrupt remapping on, with this value of IRTA. */
  startInterrupts(interruptTable: number): void {
    const on = this.unit.readRegister32(registerOffset.GSTS) & COMMANDS.translation;
    this.unit.writeWide(registerOffset.IRTA, interruptTable, 0);
    this.unit.writeRegister32(registerOffset.GCMD, (on | COMMANDS.table) >>> 0);
    this.unit.writeRegister32(registerOffset.GCMD, (on | COMMANDS.interrupts) >>> 0);
  }

  run(hook: 'irqRemapInit' | 'iommuInit', change: object = {}): void {
    const ctx = this.machine.contextFor(hook, { options: this.#options }) as unknown as Record<
      string,
      unknown
    > & { readonly kernel: object };
    const kernel = {
      ...ctx.kernel,
      invalidateTranslations: () => this.flush(),
      invalidateInterruptEntries: () => this.flush(),
    };
    const all = { ...copyOf(ctx), kernel, units: [this.handle], ...change };
    if (hook === 'irqRemapInit') this.#strategy.irqRemapInit?.(all as never);
    else this.#strategy.iommuInit?.(all as never);
  }

  /** Both hooks, as a boot runs them. */
  boot(change: object = {}): void {
    this.run('irqRemapInit', change);
    this.run('iommuInit', change);
  }

  get handle(): RemappingUnitHandle {
    return {
      name: 'dmar0',
      architecture: 'vt-d',
      segment: 0,
      covers: () => true,
      read32: (offset) => this.unit.readRegister32(offset),
      write32: (offset, value) => {
        this.unit.writeRegister32(offset, value);
        this.between();
      },
    };
  }

  /** One request of 16 bytes. */
  dma(requesterId: number, address: number, write = true): Landing {
    const outcome = {
      allowed: true,
      address: 0,
      validFor: 0,
      reason: 0,
      entryAddress: 0,
      untranslated: false,
      steady: false,
    };
    const request = {
      segment: 0,
      requesterId,
      address,
      length: 16,
      write,
      pasid: -1,
      addressType: 0 as const,
      privileged: false,
      execute: false,
    };
    this.unit.translate(request, outcome);
    const { allowed, untranslated } = outcome;
    return { allowed, address: outcome.address, untranslated };
  }

  /** What the kernel's driver does when it is asked to invalidate: all caches, through a queue of its own. */
  flush(): void {
    const { unit, machine } = this;
    if (this.#queue === 0) {
      this.#queue = machine.memory.allocate(4096);
      unit.writeWide(registerOffset.IQA, this.#queue, 0);
      const on = unit.readRegister32(registerOffset.GSTS) & 0x8200_0000;
      unit.writeRegister32(registerOffset.GCMD, (on | COMMANDS.queue) >>> 0);
    }
    const commands = [invalidateAllContexts(), invalidateAllTranslations(), invalidateAllInterruptEntries()];
    for (const words of commands) {
      words.forEach((word, index) => {
        machine.memory.write32(this.#queue + this.#tail + 4 * index, word);
      });
      this.#tail = (this.#tail + 16) % 4096;
    }
    unit.writeRegister32(registerOffset.IQT, this.#tail);
  }
}

/** What a frozen context offers. */
function copyOf(ctx: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key]]));
}
