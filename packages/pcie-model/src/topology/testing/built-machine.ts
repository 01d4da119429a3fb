import { millisecond, type Nanoseconds } from '@quiesce/simulation';
import type { RootComplexDescription } from '../function-description.ts';
import type { PcieFunction } from '../pcie-function.ts';
import { PcieHierarchy } from '../pcie-hierarchy.ts';
import { type BuiltFunction, built } from './built-function.ts';

/** A hierarchy and a clock to move, with accesses by name (`01:00.0`, the place where the function was built). */
export class BuiltMachine {
  now: Nanoseconds = 0;
  readonly hierarchy: PcieHierarchy;
  readonly events: string[] = [];

  constructor(
    functions: readonly BuiltFunction[],
    rootComplexes: readonly RootComplexDescription[] = [{ segment: 0, firstBus: 0, lastBus: 255 }],
  ) {
    this.hierarchy = new PcieHierarchy({
      functions: functions.map(built),
      rootComplexes,
      now: () => this.now,
    });
    this.hierarchy.onReset((fn, kind, cause) => this.events.push(`${fn.name.slice(5)} ${kind} ${cause}`));
    this.hierarchy.onCommandWrite((fn, previous, current) => {
      this.events.push(`${fn.name.slice(5)} command ${previous.toString(16)} ${current.toString(16)}`);
    });
  }

  wait(ms: number): void {
    this.now += ms * millisecond;
  }

  fn(name: string): PcieFunction {
    return this.hierarchy.byName(`0000:${name}`) as PcieFunction;
  }

  read(place: string, offset: number, size: 1 | 2 | 4 = 4): number {
    return this.hierarchy.configRead(0, ...numbers(place), offset, size);
  }

  write(place: string, offset: number, value: number, size: 1 | 2 | 4 = 4): void {
    this.hierarchy.configWrite(0, ...numbers(place), offset, size, value);
  }

  visible(place: string): boolean {
    return this.hierarchy.visibleAt(0, ...numbers(place)) !== undefined;
  }

  /** Sets or clears bits of a 16-bit register. */
  change(place: string, offset: number, bits: number, set: boolean): void {
    const old = this.read(place, offset, 2);
    this.write(place, offset, set ? old | bits : old & ~bits, 2);
  }
}

function numbers(place: string): [bus: number, device: number, fn: number] {
  const [bus = '', device = '', fn = ''] = place.split(/[:.]/);
  return [Number.parseInt(bus, 16), Number.parseInt(device, 16), Number(fn)];
}
