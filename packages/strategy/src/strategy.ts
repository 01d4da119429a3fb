import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CrashContext, IommuCrashShutdownContext } from './contexts/crash-context.ts';
import type { InitcallContext } from './contexts/initcall-context.ts';
import type {
  AerErrorContext,
  DeviceAttachContext,
  IommuFaultContext,
  IommuInitContext,
  IrqRemapInitContext,
} from './contexts/remapping-contexts.ts';
import type { SetupArchContext } from './contexts/setup-arch-context.ts';
import type { InitcallLevel } from './phases.ts';

/** One initcall of a strategy, at one level. */
export interface InitcallAt<Level extends InitcallLevel, Options> {
  readonly level: Level;
  /** Function name as the kernel's `initcall_debug` would print it. */
  readonly name: string;
  run(ctx: InitcallContext<Level, Options>): void;
}

/** An initcall at any level; the level decides what its context offers. */
export type Initcall<Options> = { [Level in InitcallLevel]: InitcallAt<Level, Options> }[InitcallLevel];

/**
 * A strategy against leftover DMA: a name and hooks that run where a kernel itself would run them.
 * Hooks are plain synchronous functions. State that spans hooks belongs to one run: make it in
 * {@link StrategyPlugin.create}, not in the module.
 */
export interface Strategy<Options = unknown> {
  /** Kebab case, unique, e.g. `hot-reset-at-setup_arch`. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Documents, commits and mails it follows. */
  readonly sources: readonly string[];
  /** Kernel parameters of the second kernel that it stands for; they are on the command line unless taken off. */
  readonly kernelParameters?: readonly string[];
  crash?(ctx: CrashContext<Options>): void;
  /** After `crash`, in place of what the crash path does to the remapping units. */
  iommuCrashShutdown?(ctx: IommuCrashShutdownContext<Options>): void;
  setupArch?(ctx: SetupArchContext<Options>): void;
  readonly initcalls?: readonly Initcall<Options>[];
  irqRemapInit?(ctx: IrqRemapInitContext<Options>): void;
  iommuInit?(ctx: IommuInitContext<Options>): void;
  deviceAttach?(ctx: DeviceAttachContext<Options>): void;
  iommuFault?(ctx: IommuFaultContext<Options>): void;
  aerError?(ctx: AerErrorContext<Options>): void;
}

/** What a strategy package exports by default: its schema of options, and how to make one for one run. */
export interface StrategyPlugin<Options = unknown> {
  readonly name: string;
  readonly description: string;
  readonly sources: readonly string[];
  readonly kernelParameters?: readonly string[];
  /** Any Standard Schema (zod, valibot, arktype, hand-written). Without it the strategy takes no options. */
  readonly options?: StandardSchemaV1<unknown, Options>;
  /** Called once a run; options are already validated. Hooks that need none may leave `initcalls` as data. */
  create(options: Options): Strategy<Options>;
}

/** Types a plugin while keeping what was written. */
export function defineStrategy<Options = Record<never, never>>(
  plugin: StrategyPlugin<Options>,
): StrategyPlugin<Options> {
  return plugin;
}
