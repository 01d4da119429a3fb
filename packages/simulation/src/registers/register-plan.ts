import type { RegisterLayout } from './layout.ts';

/** What each bit of a layout is, by byte from the layout's start; compiled once per layout. */
export interface CompiledLayout {
  readonly covered: Uint8Array;
  readonly writable: Uint8Array;
  readonly clearable: Uint8Array;
  readonly settable: Uint8Array;
  readonly unreadable: Uint8Array;
  readonly sticky: Uint8Array;
  readonly readOnly: Uint8Array;
  readonly reset: Uint8Array;
}

const compiled = new WeakMap<RegisterLayout, CompiledLayout>();

/** The masks that follow from a layout's declaration. */
export function compileLayout(layout: RegisterLayout): CompiledLayout {
  const known = compiled.get(layout);
  if (known !== undefined) return known;
  const bytes = (): Uint8Array => new Uint8Array(layout.size);
  const result: CompiledLayout = {
    covered: bytes(),
    writable: bytes(),
    clearable: bytes(),
    settable: bytes(),
    unreadable: bytes(),
    sticky: bytes(),
    readOnly: bytes(),
    reset: bytes(),
  };
  for (const register of layout.registers) {
    for (const field of register.fields) {
      for (let bit = field.low; bit <= field.high; bit++) {
        const at = register.offset + (bit >>> 3);
        const mark = (array: Uint8Array): void => {
          array[at] = (array[at] as number) | (1 << (bit & 7));
        };
        mark(result.covered);
        if (field.access === 'RW') mark(result.writable);
        else if (field.access === 'RW1C') mark(result.clearable);
        else if (field.access === 'RW1S') mark(result.settable);
        else if (field.access === 'RO') mark(result.readOnly);
        else if (field.access === 'WO' || field.access === 'RsvdZ') mark(result.unreadable);
        if (field.sticky === true) mark(result.sticky);
        if (Math.floor((field.reset ?? 0) / 2 ** (bit - field.low)) % 2 === 1) mark(result.reset);
      }
    }
  }
  compiled.set(layout, result);
  return result;
}

/** Plans that are kept for sharing; beyond it sharing starts anew, so that hostile input cannot fill memory. */
const PLAN_LIMIT = 1024;
let roots = new Map<number, RegisterPlan>();
let planCount = 0;

/**
 * The masks of a whole register file, never changed once made. Files of the same size with the same layouts at the
 * same places share one plan, so that the two-hundredth function of a machine, or the second run, costs no masks.
 */
export class RegisterPlan {
  readonly writable: Uint32Array;
  readonly clearable: Uint32Array;
  readonly settable: Uint32Array;
  readonly unreadable: Uint32Array;
  readonly sticky: Uint32Array;
  readonly #next = new Map<RegisterLayout, Map<number, RegisterPlan>>();

  private constructor(masks: {
    readonly writable: Uint32Array;
    readonly clearable: Uint32Array;
    readonly settable: Uint32Array;
    readonly unreadable: Uint32Array;
    readonly sticky: Uint32Array;
  }) {
    this.writable = masks.writable;
    this.clearable = masks.clearable;
    this.settable = masks.settable;
    this.unreadable = masks.unreadable;
    this.sticky = masks.sticky;
  }

  /** The plan of `size` bytes (a multiple of 4) without any layout: all read-only. */
  static empty(size: number): RegisterPlan {
    if (planCount > PLAN_LIMIT) {
      roots = new Map();
      planCount = 0;
    }
    let plan = roots.get(size);
    if (plan === undefined) {
      const none = new Uint32Array(size / 4);
      plan = new RegisterPlan({
        writable: none,
        clearable: none,
        settable: none,
        unreadable: none,
        sticky: none,
      });
      roots.set(size, plan);
      planCount++;
    }
    return plan;
  }

  /** This plan with `layout` laid over the bytes from `base`. */
  with(layout: RegisterLayout, base: number): RegisterPlan {
    let byBase = this.#next.get(layout);
    if (byBase === undefined) {
      byBase = new Map();
      this.#next.set(layout, byBase);
    }
    let plan = byBase.get(base);
    if (plan === undefined) {
      const masks = compileLayout(layout);
      plan = new RegisterPlan({
        writable: overlay(this.writable, masks.writable, masks.covered, base),
        clearable: overlay(this.clearable, masks.clearable, masks.covered, base),
        settable: overlay(this.settable, masks.settable, masks.covered, base),
        unreadable: overlay(this.unreadable, masks.unreadable, masks.covered, base),
        sticky: overlay(this.sticky, masks.sticky, masks.covered, base),
      });
      byBase.set(base, plan);
      planCount++;
    }
    return plan;
  }
}

/** `below` itself where the layout changes nothing, otherwise a copy with the covered bits replaced. */
function overlay(below: Uint32Array, mask: Uint8Array, covered: Uint8Array, base: number): Uint32Array {
  const old = new Uint8Array(below.buffer);
  let result: Uint8Array | undefined;
  for (let i = 0; i < mask.length; i++) {
    const before = old[base + i] as number;
    const after = (before & ~(covered[i] as number)) | (mask[i] as number);
    if (after === before) continue;
    result ??= old.slice();
    result[base + i] = after;
  }
  return result === undefined ? below : new Uint32Array(result.buffer);
}
