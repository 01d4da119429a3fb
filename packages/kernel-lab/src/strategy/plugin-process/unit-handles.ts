import { type AssembledMachine, assembleMachine, type Machine } from '@quiesce/machine';
import { EventCalendar } from '@quiesce/simulation';
import type { RemappingUnitHandle, ReservedMemoryRegion } from '@quiesce/strategy';
import type { SynchronousGuest } from './synchronous-guest.ts';

/** What software knows of a machine's remapping units before it has touched any of them. */
export interface KnownUnits {
  readonly units: readonly RemappingUnitHandle[];
  readonly reservedRegions: readonly ReservedMemoryRegion[];
}

/**
 * The machine's units over a guest's registers. Which requests pass a unit, and what is reserved, follow from the DMAR
 * table as in the model.
 * @param access is told before each access of a register
 */
export function knownUnits(machine: Machine, guest: SynchronousGuest, access: () => void): KnownUnits {
  const assembled = scopesOf(machine);
  const units = machine.units.map((unit, index): RemappingUnitHandle => {
    return {
      name: unit.name,
      architecture: unit.architecture,
      segment: unit.segment,
      covers: (requesterId) => assembled.unitFor(unit.segment, requesterId) === assembled.units[index],
      read32: (offset) => {
        access();
        return guest.read(unit.registerBase + offset, 4);
      },
      write32: (offset, value) => {
        access();
        guest.write(unit.registerBase + offset, 4, value >>> 0);
      },
    };
  });
  return { units, reservedRegions: assembled.reservedRegions };
}

/** Scopes are followed through the assembled machine, which nothing else happens to: no observer is ever told anything. */
function scopesOf(machine: Machine): Pick<AssembledMachine, 'unitFor' | 'units' | 'reservedRegions'> {
  const observer = new Proxy({}, { get: () => () => {} }) as Parameters<
    typeof assembleMachine
  >[1]['observer'];
  return assembleMachine(machine, { calendar: new EventCalendar(), observer });
}
