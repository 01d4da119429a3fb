import { type DeviceScope, SCOPE_ACPI_DEVICE, SCOPE_HPET, SCOPE_IO_APIC } from './dmar-table.ts';

/** What resolving needs to know of a machine, as its bridges are programmed when it is asked. */
export interface ScopeTopology {
  /** The function answers. */
  hasFunction(segment: number, bus: number, device: number, fn: number): boolean;
  /** Buses below a bridge, both included; undefined if the function is no bridge or has no bus numbers. */
  busesBelow(
    segment: number,
    bus: number,
    device: number,
    fn: number,
  ): { readonly first: number; readonly last: number } | undefined;
  /** Further requester IDs under which requests of this function arrive: of a bridge above it, phantom functions, VFs. */
  aliases?(segment: number, requesterId: number): Iterable<number>;
}

/** A function that a scope names. */
export interface FunctionScope {
  readonly requesterId: number;
  readonly scope: DeviceScope;
}

export type ResolvedScope =
  | { readonly missing: string }
  | {
      readonly missing?: undefined;
      readonly requesterId: number;
      readonly buses: { readonly first: number; readonly last: number } | undefined;
    };

/** Goes the way of a scope from its start bus, one bridge per step. */
export function resolveScope(segment: number, scope: DeviceScope, topology: ScopeTopology): ResolvedScope {
  let bus = scope.startBus;
  const last = scope.path.length - 1;
  for (let i = 0; i <= last; i++) {
    const { device, fn } = scope.path[i] as { device: number; fn: number };
    const place = functionName(segment, bus, device, fn);
    if (device > 31 || fn > 7) return { missing: place };
    if (i < last) {
      const below = topology.busesBelow(segment, bus, device, fn);
      if (below === undefined) return { missing: place };
      bus = below.first;
      continue;
    }
    // An IO-APIC or HPET sends under an ID of its own that need not exist in configuration space.
    if (!isPlatformDevice(scope) && !topology.hasFunction(segment, bus, device, fn))
      return { missing: place };
    const requesterId = (bus << 8) | (device << 3) | fn;
    return { requesterId, buses: topology.busesBelow(segment, bus, device, fn) };
  }
  return { missing: 'a scope without a path' };
}

function isPlatformDevice(scope: DeviceScope): boolean {
  return scope.type === SCOPE_IO_APIC || scope.type === SCOPE_HPET || scope.type === SCOPE_ACPI_DEVICE;
}

function functionName(segment: number, bus: number, device: number, fn: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `${hex(segment, 4)}:${hex(bus, 2)}:${hex(device, 2)}.${fn.toString(16)}`;
}
