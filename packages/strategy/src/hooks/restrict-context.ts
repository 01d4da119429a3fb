import { StrategyViolation } from '../errors.ts';
import type { Phase } from '../phases.ts';
import type { HookContext, HookName } from './hook-name.ts';
import {
  commonServices,
  hookServices,
  type ServiceName,
  serviceHints,
  serviceNames,
} from './hook-services.ts';

const prototypes = new Map<HookName, object>();

/**
 * A frozen context with exactly the services of `hook`, taken from `services`, which may offer more.
 * TypeScript refuses an absent service when a plugin is compiled; this refuses it when a plugin runs, for those
 * written in JavaScript. Values are read once, now.
 *
 * Reading an absent service throws a {@link StrategyViolation} `SERVICE_NOT_AVAILABLE`. `onViolation` sees the
 * violation first, so that a plugin which catches it does not hide it.
 */
export function restrictContext<Hook extends HookName, Options = unknown>(
  hook: Hook,
  services: HookContext<Hook, Options>,
  onViolation?: (violation: StrategyViolation) => void,
): HookContext<Hook, Options> {
  const context = Object.create(prototypeFor(hook)) as Record<string, unknown>;
  const source = services as unknown as Record<string, unknown>;
  for (const name of commonServices) context[name] = source[name];
  for (const name of hookServices[hook]) {
    Object.defineProperty(context, name, { value: source[name], enumerable: true });
  }
  Object.defineProperty(context, reporter, { value: onViolation });
  return Object.freeze(context) as unknown as HookContext<Hook, Options>;
}

const reporter = Symbol('onViolation');

/** One object per hook holds a throwing getter for every service that the hook lacks. */
function prototypeFor(hook: HookName): object {
  const known = prototypes.get(hook);
  if (known !== undefined) return known;
  const prototype = {};
  for (const name of serviceNames) {
    if (hookServices[hook].includes(name)) continue;
    Object.defineProperty(prototype, name, {
      get(this: { phase: Phase; [reporter]?: (violation: StrategyViolation) => void }): never {
        const violation = new StrategyViolation('SERVICE_NOT_AVAILABLE', this.phase, explain(hook, name));
        this[reporter]?.(violation);
        throw violation;
      },
    });
  }
  prototypes.set(hook, prototype);
  return prototype;
}

function explain(hook: HookName, name: ServiceName): string {
  const hint = serviceHints[name];
  const offered = [...commonServices, ...hookServices[hook]].map((each) => `ctx.${each}`).join(', ');
  return `ctx.${name} is not available in ${hook}${hint === undefined ? '' : ` (${hint})`}; here there are ${offered}`;
}
