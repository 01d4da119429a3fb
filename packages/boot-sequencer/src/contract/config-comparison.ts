import type { PcieFunction, PcieHierarchy } from '@quiesce/pcie-model';
import type { HookName, Phase } from '@quiesce/strategy';
import type { ConfigDifference, HookRun } from '@quiesce/strategy/contract';
import type { HookObserver } from '../strategy-host/strategy-host.ts';

interface Before {
  readonly fn: PcieFunction;
  readonly bytes: Uint8Array;
  readonly readyAt: number;
}

/** Compares the config space of every function but virtual ones before and after each hook. */
export class ConfigComparison implements HookObserver {
  readonly differences: ConfigDifference[] = [];
  readonly hooks: HookRun[] = [];
  readonly #hierarchy: PcieHierarchy;
  #before: Before[] = [];

  constructor(hierarchy: PcieHierarchy) {
    this.#hierarchy = hierarchy;
  }

  begin(): void {
    // Virtual functions come and go with VF Enable, which stands where a hook in setup_arch does not reach.
    const lasting = this.#hierarchy.functions.filter((fn) => fn.description.physicalFunction === undefined);
    this.#before = lasting.map((fn) => ({
      fn,
      bytes: fn.config.file.bytes(),
      readyAt: fn.readiness.readyAt,
    }));
  }

  end(hook: HookName, phase: Phase, returned: unknown): void {
    const then = (returned as { then?: unknown } | undefined)?.then;
    this.hooks.push({ hook, phase, returnedThenable: typeof then === 'function' });
    for (const { fn, bytes, readyAt } of this.#before) {
      const after = fn.config.file.bytes();
      for (let offset = 0; offset < bytes.length; offset += 4) {
        const before32 = dword(bytes, offset);
        const after32 = dword(after, offset);
        if (before32 === after32) continue;
        const capability = holder(fn, offset);
        this.differences.push({
          function: fn.name,
          headerType: fn.config.headerType,
          hook,
          reset: fn.readiness.readyAt !== readyAt,
          offset,
          before: before32,
          after: after32,
          ...(capability === undefined ? {} : { capability }),
        });
      }
    }
  }
}

function dword(bytes: Uint8Array, offset: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(offset, offset + 4);
  return ((d << 24) | (c << 16) | (b << 8) | a) >>> 0;
}

/** The capability that a dword belongs to: the last one that begins at or before it, in the same space. */
function holder(
  fn: PcieFunction,
  offset: number,
): { id: number; extended: boolean; offset: number } | undefined {
  let best: { id: number; extended: boolean; offset: number } | undefined;
  let start = -1;
  for (const one of fn.config.capabilities) {
    const extended = one.offset >= 0x100;
    if (extended !== offset >= 0x100 || one.offset > offset || one.offset < start) continue;
    start = one.offset;
    best = { id: one.id, extended, offset: offset - one.offset };
  }
  return best;
}
