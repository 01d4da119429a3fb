import type { Severity } from '@quiesce/report';
import { knownAs } from './known-devices.ts';
import { isDisplay, type MachineView, type ViewedFunction } from './machine-view.ts';

/** Something that a reset hits as well. */
export interface Collateral {
  readonly name: string;
  /** `display`, `boot display`, `board management (ASPEED graphics)`, `dump target`, `used by firmware`, `virtual function`, `sibling`. */
  readonly what: string;
  readonly severity: Severity;
}

/** What else stands below `bridge`, what it would be missed for first. Bridges without anything of note are left out. */
export function collateralOf(view: MachineView, bridge: ViewedFunction, one: ViewedFunction): Collateral[] {
  const found = view
    .below(bridge)
    .filter((other) => other !== one && !other.config.isAbsent)
    .flatMap((other): Collateral[] => {
      const what = roleOf(view, other);
      if (what !== undefined) return [{ name: other.name, ...what }];
      return other.config.isBridge ? [] : [{ name: other.name, what: 'sibling', severity: 'note' }];
    });
  return found.sort((a, b) => rank(a.severity) - rank(b.severity));
}

/** What a function is that nobody wants reset: the first of these that it is. */
export function roleOf(
  view: MachineView,
  one: ViewedFunction,
): { readonly what: string; readonly severity: Severity } | undefined {
  if (view.machine.dumpTarget === one.name) return { what: 'dump target', severity: 'warning' };
  const management = knownAs('boardManagement', one);
  if (management !== undefined) return { what: `board management (${management})`, severity: 'warning' };
  if (isDisplay(one)) {
    return { what: isBootDisplay(view, one) ? 'boot display' : 'display', severity: 'warning' };
  }
  if (one.described.driver.firmware === true || view.firmwareDriven.has(one.name))
    return { what: 'used by firmware', severity: 'warning' };
  return undefined;
}

/** VGA that legacy accesses reach: memory and I/O decoding on, and VGA Enable in every bridge above. */
export function isBootDisplay(view: MachineView, one: ViewedFunction): boolean {
  if (one.config.classCode >>> 8 !== 0x0300 || (one.config.u16(0x04) & 3) !== 3) return false;
  return view.pathOf(one).every((bridge) => (bridge.config.u16(0x3e) & 8) !== 0);
}

function rank(severity: Severity): number {
  return severity === 'warning' || severity === 'critical' ? 0 : 1;
}
