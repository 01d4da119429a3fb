import type { FieldDeclaration, RegisterAccess } from '@quiesce/simulation';

interface NamedField<Name extends string> extends FieldDeclaration {
  readonly name: Name;
}

type Extras = Pick<FieldDeclaration, 'reset' | 'sticky'>;

function field<Name extends string>(
  access: RegisterAccess,
  name: Name,
  high: number,
  low: number,
  description: string | undefined,
  extras: Extras | undefined,
): NamedField<Name> {
  return { name, high, low, access, ...(description === undefined ? {} : { description }), ...extras };
}

/** A field that software cannot change (RO, HwInit). */
export function ro<const Name extends string>(
  name: Name,
  high: number,
  low: number = high,
  description?: string,
): NamedField<Name> {
  return field('RO', name, high, low, description, undefined);
}

/** A field that hardware sets and that a warm reset leaves (ROS). */
export function ros<const Name extends string>(name: Name, high: number, low: number): NamedField<Name> {
  return field('RO', name, high, low, undefined, { sticky: true });
}

/** A field that software writes. `effect` says what it changes, or that it is storage by specification. */
export function rw<const Name extends string>(
  name: Name,
  high: number,
  low: number,
  effect: string,
  extras?: Extras,
): NamedField<Name> {
  return field('RW', name, high, low, effect, extras);
}

/** A status bit that software clears by writing 1. */
export function rw1c<const Name extends string>(name: Name, bit: number, extras?: Extras): NamedField<Name> {
  return field('RW1C', name, bit, bit, undefined, extras);
}

/** A bit that starts something when 1 is written and reads as 0. */
export function trigger<const Name extends string>(
  name: Name,
  bit: number,
  effect: string,
): NamedField<Name> {
  return field('WO', name, bit, bit, effect, undefined);
}

/** Field names of a register: `names<'COMMAND', 'A' | 'B'>` is `COMMAND.A | COMMAND.B`. */
export type In<Register extends string, Fields extends string> = `${Register}.${Fields}`;
