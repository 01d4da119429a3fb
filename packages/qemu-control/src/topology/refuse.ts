import { UserError } from '@quiesce/simulation';
import { deviceModels } from './device-models.ts';
import type { PlacedFunction } from './placed-function.ts';

/** @throws UserError `QEMU_TOPOLOGY`: what this function is, why QEMU cannot be asked for it, and what it can be asked for */
export function refuse(one: PlacedFunction, why: string): never {
  const known = [...deviceModels].map(([id, { model }]) => `${model} ${id}`).join(', ');
  throw new UserError('QEMU_TOPOLOGY', `function ${one.name} (${one.id}) ${why}`, { expected: known });
}
