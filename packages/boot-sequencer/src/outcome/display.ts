import type { PcieFunction } from '@quiesce/pcie-model';
import type { World } from '../world/world.ts';
import type { Outcome } from './outcome.ts';

/** A display as it was at the crash. */
export interface DisplayProbe {
  readonly fn: PcieFunction;
  /** Where the CPU reached its first memory BAR; 0 if it did not. */
  readonly aperture: number;
}

/** Displays that show a picture at this moment. */
export function showingDisplays(world: World): DisplayProbe[] {
  const { hierarchy } = world.hardware;
  return world.machine.functions.flatMap((described) => {
    const fn = hierarchy.byName(described.name);
    if (described.endpoint.kind !== 'scan-out' || fn === undefined || !scansOut(fn)) return [];
    return [{ fn, aperture: apertureOf(world, fn) }];
  });
}

/**
 * Kept if every display that showed a picture at the crash still scans out, and the CPU still reaches the aperture
 * through which it draws: a console that nobody can write to is lost as well.
 */
export function displayVerdict(world: World, atCrash: readonly DisplayProbe[]): Outcome['display'] {
  if (atCrash.length === 0) return 'none';
  const kept = atCrash.every(
    ({ fn, aperture }) => scansOut(fn) && (aperture === 0 || apertureOf(world, fn) !== 0),
  );
  return kept ? 'kept' : 'lost';
}

/** Where the CPU reaches the picture of each display now. */
export function displayApertures(world: World): number[] {
  return world.machine.functions.flatMap((described) => {
    if (described.endpoint.kind !== 'scan-out') return [];
    const fn = world.hardware.hierarchy.byName(described.name);
    const aperture = fn === undefined ? 0 : apertureOf(world, fn);
    return aperture === 0 ? [] : [aperture];
  });
}

function scansOut(fn: PcieFunction): boolean {
  return fn.engine?.showsPicture === true;
}

function apertureOf(world: World, fn: PcieFunction): number {
  for (let bar = 0; bar < 6; bar++) {
    const low = fn.config.file.peek32(0x10 + 4 * bar);
    if ((low & 1) === 1) continue;
    const wide = (low & 6) === 4;
    const high = wide && bar < 5 ? fn.config.file.peek32(0x14 + 4 * bar) : 0;
    const address = high * 0x1_0000_0000 + ((low & 0xffff_fff0) >>> 0);
    if (wide) bar++;
    if (address === 0) continue;
    if (world.hardware.hierarchy.routeMemory(address)?.fn === fn) return address;
  }
  return 0;
}
