import { knownAs } from '@quiesce/machine';
import { compareSeverity, type Severity } from '@quiesce/report';
import { isDisplay, type MachineView, type ViewedFunction } from './machine-view.ts';

/** Functions that a reset is said to hit by name; the rest is counted. */
const MOST_NAMED = 24;

/** What a function is called that the dump goes through beside its target. */
export const DUMP_ROLE = 'the dump goes through it';

/** Something that a reset hits as well. */
export interface Collateral {
  /** Empty for those that are only counted. */
  readonly name: string;
  /**
   * `display`, `boot display`, `board management (ASPEED graphics)`, `dump target`, `the dump goes through it`, `used by firmware`, `virtual function`,
   * `sibling`, `12 more`.
   */
  readonly what: string;
  readonly severity: Severity;
}

/** What stands below each bridge, worked out once. */
export class CollateralOfBridges {
  readonly #view: MachineView;
  readonly #below = new Map<ViewedFunction, readonly Collateral[]>();

  constructor(view: MachineView) {
    this.#view = view;
  }

  /** What else a reset of the bus below `bridge` hits than `one`: what it would be missed for first. */
  of(bridge: ViewedFunction, one: ViewedFunction): Collateral[] {
    let all = this.#below.get(bridge);
    if (all === undefined) {
      all = collateralBelow(this.#view, bridge);
      this.#below.set(bridge, all);
    }
    const index = all.findIndex(({ name }) => name === one.name);
    return named(all, index);
  }
}

/** The first of a list, without the one at `skipped`, and how many more there are. */
export function named(all: readonly Collateral[], skipped = -1): Collateral[] {
  const first = all.slice(0, MOST_NAMED + 1).filter((_, index) => index !== skipped);
  const shown = first.slice(0, MOST_NAMED);
  const rest = all.length - (skipped < 0 ? 0 : 1) - shown.length;
  return rest <= 0 ? shown : [...shown, { name: '', what: `${rest} more`, severity: 'note' }];
}

function collateralBelow(view: MachineView, bridge: ViewedFunction): Collateral[] {
  return view
    .below(bridge)
    .filter(({ config }) => !config.isAbsent)
    .flatMap((one): Collateral[] => {
      const role = roleOf(view, one);
      if (role !== undefined) return [{ name: one.name, ...role }];
      // A bridge without a role is missed for what is below it.
      return one.config.isBridge ? [] : [{ name: one.name, what: 'sibling', severity: 'note' }];
    })
    .sort((a, b) => compareSeverity(a.severity, b.severity));
}

/** What a function is that nobody wants reset: the first of these that it is. */
export function roleOf(
  view: MachineView,
  one: ViewedFunction,
): { readonly what: string; readonly severity: Severity } | undefined {
  if (view.machine.dumpTarget === one.name) return { what: 'dump target', severity: 'warning' };
  if (view.dumpThrough.has(one.name)) return { what: DUMP_ROLE, severity: 'warning' };
  const management = knownAs('boardManagement', one.config);
  if (management !== undefined) return { what: `board management (${management})`, severity: 'warning' };
  if (isDisplay(one)) {
    return { what: isBootDisplay(view, one) ? 'boot display' : 'display', severity: 'warning' };
  }
  if (one.described.driver.firmware === true || view.firmwareDriven.has(one.name)) {
    return { what: 'used by firmware', severity: 'warning' };
  }
  return undefined;
}

/** VGA that legacy accesses reach: memory and I/O decoding on, and VGA Enable in every bridge above. */
export function isBootDisplay(view: MachineView, one: ViewedFunction): boolean {
  if (one.config.classCode >>> 8 !== 0x0300 || (one.config.u16(0x04) & 3) !== 3) return false;
  return view.pathOf(one).every((bridge) => (bridge.config.u16(0x3e) & 8) !== 0);
}
