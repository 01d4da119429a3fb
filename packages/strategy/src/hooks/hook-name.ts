import type { CrashContext, IommuCrashShutdownContext } from '../contexts/crash-context.ts';
import type { InitcallContext } from '../contexts/initcall-context.ts';
import type {
  AerErrorContext,
  DeviceAttachContext,
  IommuFaultContext,
  IommuInitContext,
  IrqRemapInitContext,
} from '../contexts/remapping-contexts.ts';
import type { SetupArchContext } from '../contexts/setup-arch-context.ts';
import { type InitcallLevel, initcallLevels } from '../phases.ts';

/** A place where a strategy may run: one of its methods, or an initcall of one level. */
export type HookName =
  | 'crash'
  | 'iommuCrashShutdown'
  | 'setupArch'
  | 'irqRemapInit'
  | 'iommuInit'
  | 'deviceAttach'
  | 'iommuFault'
  | 'aerError'
  | `initcall:${InitcallLevel}`;

/** The context that a hook is given. */
export type HookContext<Hook extends HookName, Options = unknown> = Hook extends 'crash'
  ? CrashContext<Options>
  : Hook extends 'iommuCrashShutdown'
    ? IommuCrashShutdownContext<Options>
    : Hook extends 'setupArch'
      ? SetupArchContext<Options>
      : Hook extends 'irqRemapInit'
        ? IrqRemapInitContext<Options>
        : Hook extends 'iommuInit'
          ? IommuInitContext<Options>
          : Hook extends 'deviceAttach'
            ? DeviceAttachContext<Options>
            : Hook extends 'iommuFault'
              ? IommuFaultContext<Options>
              : Hook extends 'aerError'
                ? AerErrorContext<Options>
                : Hook extends `initcall:${infer Level extends InitcallLevel}`
                  ? InitcallContext<Level, Options>
                  : never;

/** The hooks that are methods of a strategy, in the order in which a crash reaches them. */
export const hookMethods: readonly [
  'crash',
  'iommuCrashShutdown',
  'setupArch',
  'irqRemapInit',
  'iommuInit',
  'deviceAttach',
  'iommuFault',
  'aerError',
] = [
  'crash',
  'iommuCrashShutdown',
  'setupArch',
  'irqRemapInit',
  'iommuInit',
  'deviceAttach',
  'iommuFault',
  'aerError',
];

/** Every hook there is. */
export const hookNames: readonly HookName[] = [
  ...hookMethods,
  ...initcallLevels.map((level) => `initcall:${level}` as const),
];
