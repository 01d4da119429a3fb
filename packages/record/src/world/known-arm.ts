import type { RecordCase } from '../case/record-case.ts';
import { type Arm, type ArmName, armOf } from './arm.ts';

/** Arms that have been made, by case: a machine that is the same object has been parsed already. */
const arms = new Map<string, { readonly text: string; readonly arm: Arm }>();

/**
 * The arm of a case, made once for all its tasks. A case crosses to a worker anew with each, so that its text decides.
 * @throws UserError for a machine, kernel or change that cannot be
 */
export function knownArm(one: RecordCase, name: ArmName): Arm {
  const key = `${one.id} ${name}`;
  const text = JSON.stringify(one);
  const known = arms.get(key);
  if (known?.text === text) return known.arm;
  const arm = armOf(one, name);
  arms.set(key, { text, arm });
  return arm;
}
