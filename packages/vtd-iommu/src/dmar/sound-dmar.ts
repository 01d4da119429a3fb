import type { Dmar, DmarNote, DmarStructure } from './dmar-table.ts';

const damage: ReadonlySet<DmarNote['code']> = new Set([
  'LENGTH',
  'SCOPE_LENGTH',
  'UNIT_OVERLAP',
  'REGISTER_BASE',
]);
/** Types up to SIDP have fields that must be readable. */
const LAST_KNOWN_TYPE = 6;

/** The table could only be read by keeping some of it as bytes. */
export function isDamaged(dmar: Dmar): boolean {
  return dmar.notes.some((note) => damage.has(note.code));
}

/** A table of the sound parts of a damaged one, which can be read without leave. Its offsets and its checksum are new. */
export function soundDmar(dmar: Dmar): Dmar {
  const { checksum: _, statedLength: __, remainder: ___, trailing: ____, ...rest } = dmar;
  const structures = dmar.structures
    .filter((one) => one.type !== 'unknown' || one.code > LAST_KNOWN_TYPE)
    .map(withoutTail);
  return { ...rest, structures, notes: dmar.notes.filter((note) => !damage.has(note.code)) };
}

/** Behind scopes stands a scope that cannot be read. The bytes behind a name only fill up. */
function withoutTail(structure: DmarStructure): DmarStructure {
  if (!('scopes' in structure) || structure.tail === undefined) return structure;
  const { tail: _, ...rest } = structure;
  return rest;
}
