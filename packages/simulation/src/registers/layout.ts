import { assert } from '../errors/assert.ts';
import type { RegisterAccess } from './access.ts';

/** A field of a register. `high` and `low` are bit numbers, both included. */
export interface FieldDeclaration {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly access: RegisterAccess;
  /** Value after reset; default 0. */
  readonly reset?: number;
  /** Kept over every reset but a cold one. */
  readonly sticky?: boolean;
  /** What it means, for documentation. */
  readonly description?: string;
}

/** A register and its fields; bits that no field names are read-only. */
export interface RegisterDeclaration {
  readonly name: string;
  /** Bytes from the start of the layout. */
  readonly offset: number;
  /** Bits: 8, 16, 32 or 64. */
  readonly width: 8 | 16 | 32 | 64;
  readonly fields: readonly FieldDeclaration[];
  /** Clause of the specification named by the layout. */
  readonly section: string;
  readonly description?: string;
}

/** A field with all that follows from its declaration. */
export interface Field extends FieldDeclaration {
  readonly register: string;
  /** Byte offset of its register in the layout. */
  readonly offset: number;
  /** Bits. */
  readonly width: number;
}

/** One declaration of a block of registers: masks, types, documentation and test generators come from here. */
export interface RegisterLayout<Names extends string = string> {
  readonly name: string;
  readonly specification: string;
  /** Bytes. */
  readonly size: number;
  readonly registers: readonly RegisterDeclaration[];
  /** Fields by `REGISTER.FIELD`. */
  readonly field: Readonly<Record<Names, Field>>;
  /** Registers by name. */
  readonly register: Readonly<Record<string, RegisterDeclaration>>;
}

type FieldNames<R extends readonly RegisterDeclaration[]> = {
  [K in keyof R]: `${R[K]['name']}.${R[K]['fields'][number]['name']}`;
}[number];

/** Declares a block of registers. Overlaps and fields outside of their register are programmer's mistakes. */
export function registerLayout<const R extends readonly RegisterDeclaration[]>(declaration: {
  readonly name: string;
  readonly specification: string;
  readonly size: number;
  readonly registers: R;
}): RegisterLayout<FieldNames<R>> {
  const field: Record<string, Field> = {};
  const register: Record<string, RegisterDeclaration> = {};
  const taken = new Set<number>();
  for (const one of declaration.registers) {
    assert(register[one.name] === undefined, `${declaration.name}: register ${one.name} twice`);
    assert(one.offset + one.width / 8 <= declaration.size, `${declaration.name}.${one.name} lies outside`);
    register[one.name] = one;
    for (const f of one.fields) {
      const key = `${one.name}.${f.name}`;
      assert(field[key] === undefined, `${declaration.name}: field ${key} twice`);
      assert(f.high >= f.low && f.high < one.width, `${declaration.name}.${key}: bits ${f.high}:${f.low}`);
      const reset = f.reset ?? 0;
      const fits = Number.isSafeInteger(reset) && reset >= 0 && reset < 2 ** (f.high - f.low + 1);
      assert(fits, `${declaration.name}.${key}: reset value ${reset} does not fit`);
      for (let bit = f.low; bit <= f.high; bit++) {
        const place = one.offset * 8 + bit;
        assert(!taken.has(place), `${declaration.name}.${key}: bit ${bit} is taken`);
        taken.add(place);
      }
      field[key] = { ...f, register: one.name, offset: one.offset, width: f.high - f.low + 1 };
    }
  }
  return { ...declaration, field: field as Record<FieldNames<R>, Field>, register };
}
