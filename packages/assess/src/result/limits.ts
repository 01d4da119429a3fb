import type { ImportedCapture } from '@quiesce/machine';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import { storageLimits } from './storage-limits.ts';

/** What could not be simulated, and what was assumed where a capture says nothing. */
export function limitsOf({ machine }: ImportedCapture, world: SimulatedWorld): string[] {
  if (machine === undefined) return ['No source names a PCI function: nothing is simulated.'];
  const limits: string[] = [];
  if (world.ranges === undefined) limits.push(`Nothing is simulated: ${world.platform.text}`);
  if (world.ranges !== undefined && machine.units.length > 0 && world.translation.state === 'unknown') {
    limits.push('No source says whether the production kernel has DMA remapping on: it is taken to be on.');
  }
  if (machine.dumpTarget === undefined)
    limits.push('No disk controller is known: any device that works counts as a place for the dump.');
  const registers = machine.inferred.some(({ path }) => /^\/units\/\d+\/capability$/.test(path));
  if (registers)
    limits.push('No capture has the registers of the remapping units: those of a common server are taken.');
  const target = machine.functions.find(({ name }) => name === machine.dumpTarget);
  if (target?.endpoint.kind === 'idle') {
    limits.push(
      `The model has no engine for the dump target ${target.name}: its driver counts as working if it can be enabled.`,
    );
  }
  limits.push(...storageLimits(machine));
  return limits;
}
