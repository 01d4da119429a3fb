import {
  defineStrategy,
  type IommuCrashShutdownContext,
  type IommuInitContext,
  type IrqRemapInitContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type RemappingUnitHandle,
  type Strategy,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { UnitRegisters } from '@quiesce/vtd-iommu';
import { adoptableInterrupts, adoptableTable } from './adoptable-tables.ts';
import { clearMessageInterrupts } from './clear-message-interrupts.ts';
import { ContainedUnit, type Containment } from './contained-unit.ts';
import { disableAts } from './disable-ats.ts';
import { completeTables, handOver } from './hand-over.ts';
import { presentFunctions } from './present-functions.ts';
import { sinkInterrupts } from './sink-interrupts.ts';

const declarations = {
  interrupts: {
    type: 'choice',
    choices: ['sink', 'clear-msi', 'copy'],
    default: 'sink',
    description:
      'sink: old interrupt entries post into a page that nobody reads, or where the unit cannot post they lead to the spurious vector and MSI is switched off; clear-msi: the latter in any case; copy: old entries as they are.',
  },
  displays: {
    type: 'choice',
    choices: ['keep', 'sink'],
    default: 'keep',
    description: 'keep: a display goes on reading what it shows, and may write nothing.',
  },
  reads: {
    type: 'choice',
    choices: ['shadow', 'sink'],
    default: 'shadow',
    description:
      'shadow: a device reads what it would have read, from a copy if it may write there as well; sink: it reads the scratch page.',
  },
  shadowPages: {
    type: 'integer',
    default: 1024,
    minimum: 0,
    maximum: 65_536,
    description: 'Pages to copy for one unit at most; beyond it pages that are read and written sink.',
  },
  passThrough: {
    type: 'choice',
    choices: ['keep', 'sink'],
    default: 'keep',
    description:
      'Requesters whose addresses are physical: keep: they stay so, because nobody knows which are in use; sink: all of them lead to the scratch page.',
  },
  otherUnits: {
    type: 'choice',
    choices: ['adopt', 'kernel'],
    default: 'adopt',
    description:
      'Units whose table cannot be replaced while they are on (AMD, SMMUv3): adopt: the old table stays in use where it is; kernel: what the kernel does by itself.',
  },
  crashPath: {
    type: 'choice',
    choices: ['quiet', 'leave-on', 'kernel'],
    default: 'quiet',
    description:
      'quiet: units are left as they are, and MSI is switched off on every function, so that nothing is pending when the second kernel takes interrupts; leave-on: the former alone; kernel: what it does by itself.',
  },
} as const;

/** `interrupts`, `displays`, `reads`, `shadowPages`, `passThrough`, `otherUnits`, `crashPath`. */
export type ScratchPageOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Contains leftover DMA from the first moment of the second kernel: what a device still writes lands on a page that
 * nobody needs, what it still reads is what it would have read, and what it still signals is noted where nobody looks.
 * Nothing is reset, nothing is refused, and nothing of the old kernel can change any more.
 */
export const scratchPage: StrategyPlugin<ScratchPageOptions> = defineStrategy({
  name: 'scratch-page',
  description: 'Leads leftover DMA and interrupts to a page that nobody needs, until each driver takes over.',
  sources: [
    'Xen commit ea38867831 (November 2019): quarantine domain with a scratch page, for devices that cannot bear refusals',
    'Intel VT-d specification, revision 3.0, section 5.2: interrupt posting, Suppress Notification',
  ],
  options: schema,
  create: (options) => {
    const contained: Contained = { units: new Map(), interrupts: false };
    const strategy: Strategy<ScratchPageOptions> = {
      name: scratchPage.name,
      description: scratchPage.description,
      sources: scratchPage.sources,
      irqRemapInit: (ctx) => irqRemapInit(ctx, contained),
      iommuInit: (ctx) => iommuInit(ctx, contained),
    };
    if (options.crashPath === 'kernel') return strategy;
    return { ...strategy, iommuCrashShutdown };
  },
});

export default scratchPage;

/** The crashing kernel's own lists are not asked: whatever answers in segment 0 is told. */
function iommuCrashShutdown(ctx: IommuCrashShutdownContext<ScratchPageOptions>): void {
  ctx.log('Remapping units are left as they are');
  if (ctx.options.crashPath !== 'quiet') return;
  const cleared = clearMessageInterrupts(ctx.type1, presentFunctions(ctx.type1));
  ctx.log(`${cleared} functions may send no messages`);
}

/** What one hook leaves to the next. */
interface Contained {
  readonly units: Map<string, ContainedUnit>;
  /** The kernel has set interrupt remapping up; one told not to (`nointremap`) never comes to it. */
  interrupts: boolean;
}

/** DMA first: its tables are whole before an interrupt entry changes. */
function irqRemapInit(ctx: IrqRemapInitContext<ScratchPageOptions>, contained: Contained): void {
  contained.interrupts = true;
  for (const unit of ctx.units) {
    if (unit.architecture !== 'vt-d') {
      const device = ctx.options.otherUnits === 'adopt' ? adoptableInterrupts(ctx.memory, unit) : undefined;
      if (device === undefined) ctx.kernel.initialiseUnit(unit);
      else {
        ctx.kernel.adoptInterruptTable(unit, device);
        ctx.kernel.invalidateInterruptEntries(unit);
      }
      continue;
    }
    const registers = new UnitRegisters(unit, ctx.delay);
    if (registers.translationEnabled) {
      const tables = new ContainedUnit(registers, containment(ctx, ctx, unit));
      if (tables.possible) {
        tables.containOld();
        switchTo(ctx, registers, tables);
        contained.units.set(unit.name, tables);
      } else ctx.log(`DMAR: ${unit.name}: its table mode has no place for a scratch page`);
    }
    if (!registers.interruptRemappingEnabled || !handleInterrupts(ctx, registers, contained)) {
      ctx.kernel.initialiseUnit(unit);
    }
  }
}

function handleInterrupts(
  ctx: IrqRemapInitContext<ScratchPageOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
  contained: Contained,
): boolean {
  const { unit, capability } = registers;
  const { interrupts } = ctx.options;
  const posts = interrupts === 'sink' && capability.postedInterrupts;
  const how = posts ? 'posted' : interrupts === 'copy' ? 'copied' : 'spurious';
  const sources = sinkInterrupts(ctx, registers, how);
  if (sources === undefined) return false;
  if (how === 'spurious' && unit.segment === 0) {
    const known = contained.units.get(unit.name)?.domains.keys() ?? [];
    const cleared = clearMessageInterrupts(ctx.type1, new Set([...sources, ...known]));
    ctx.log(`DMAR-IR: ${unit.name}: ${cleared} functions may send no messages`);
  }
  return true;
}

function iommuInit(ctx: IommuInitContext<ScratchPageOptions>, contained: Contained): void {
  let off = 0;
  for (const device of ctx.devices) if (disableAts(device)) off++;
  if (off > 0) ctx.log(`DMAR: ${off} functions may hold no translations`);
  for (const unit of ctx.units) {
    if (unit.architecture !== 'vt-d') {
      if (!adoptOther(ctx, unit)) ctx.kernel.initialiseUnit(unit);
      continue;
    }
    const registers = new UnitRegisters(unit, ctx.delay);
    if (!contained.interrupts) withoutRemapping(ctx, registers);
    let tables = contained.units.get(unit.name);
    // Nobody was asked before, or the unit was off.
    if (tables === undefined && (registers.translationEnabled || ctx.kernel.translates)) {
      const late = new ContainedUnit(registers, containment(ctx, ctx, unit));
      late.containOld();
      if (late.possible) tables = late;
    }
    // Physical addresses take leaves of 2 MiB.
    const canServe = ctx.kernel.translates || (registers.capability.superpages & 1) !== 0;
    if (tables === undefined || !canServe) {
      ctx.kernel.initialiseUnit(unit);
      continue;
    }
    completeTables(ctx, tables);
    switchTo(ctx, registers, tables);
    if (!registers.translationEnabled && !registers.enableTranslation()) {
      ctx.log(`DMAR: ${unit.name}: translation was not taken`);
    }
    handOver(ctx, tables);
  }
}

/**
 * Messages of a kernel that does not remap are refused where remapping was left on. Old messages would mean something
 * else without it: they end before.
 */
function withoutRemapping(
  ctx: IommuInitContext<ScratchPageOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
): void {
  const { unit } = registers;
  if (!registers.interruptRemappingEnabled) return;
  const functions = [...ctx.devices]
    .filter(({ segment }) => segment === 0 && unit.segment === 0)
    .map(({ bus, device, fn }) => bus * 256 + device * 8 + fn)
    .filter((id) => unit.covers(id));
  const cleared = clearMessageInterrupts(ctx.type1, functions);
  registers.disableInterruptRemapping();
  ctx.log(`DMAR-IR: ${unit.name}: off for a kernel without it; ${cleared} functions may send no messages`);
}

/** No scratch page, but no gap either. False if the kernel has to do what it does by itself. */
function adoptOther(ctx: IommuInitContext<ScratchPageOptions>, unit: RemappingUnitHandle): boolean {
  const { kernel } = ctx;
  const wanted = ctx.options.otherUnits === 'adopt' && kernel.translates;
  const table = wanted ? adoptableTable(ctx.memory, unit) : undefined;
  const what = table === undefined ? 'left to the kernel' : 'its old table stays in use';
  ctx.log(`${unit.name}: there is no scratch page for ${unit.architecture}; ${what}`);
  if (table === undefined) return false;
  kernel.adoptRootTable(unit, { address: table.address, scalable: false });
  for (const entry of table.entries) kernel.adoptEntry(unit, entry);
  kernel.invalidateTranslations(unit);
  return true;
}

function switchTo(
  ctx: IrqRemapInitContext<ScratchPageOptions> | IommuInitContext<ScratchPageOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
  tables: ContainedUnit,
): void {
  const { unit, root, domains } = tables;
  if (!registers.setRootTable(root.address, root.scalable ? 1 : 0)) {
    ctx.log(`DMAR: ${unit.name}: the root table was not taken`);
  }
  ctx.kernel.invalidateTranslations(unit);
  ctx.log(`DMAR: ${unit.name}: ${domains.size} requesters are contained`);
}

function containment(
  ctx: Pick<
    IrqRemapInitContext<ScratchPageOptions>,
    'memory' | 'pages' | 'reservedRegions' | 'options' | 'log'
  >,
  { type1 }: Pick<IrqRemapInitContext, 'type1'>,
  unit: RemappingUnitHandle,
): Containment {
  const { displays, passThrough, reads, shadowPages } = ctx.options;
  return {
    memory: ctx.memory,
    pages: ctx.pages,
    regions: ctx.reservedRegions,
    reads,
    shadowPages,
    passThrough,
    isDisplay: (id) =>
      displays === 'keep' &&
      unit.segment === 0 &&
      type1.read8(id >>> 8, (id >>> 3) & 0x1f, id & 7, CLASS) === DISPLAY,
    log: (line) => ctx.log(line),
  };
}

/** Base class, in the header's class code. */
const CLASS = 0x0b;
const DISPLAY = 0x03;
