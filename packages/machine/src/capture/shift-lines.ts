import type { ImportNote } from '../description/machine.ts';

/** Notes of a section, with the lines of the file that the section begins at. */
export function shiftLines(notes: readonly ImportNote[], firstLine: number): readonly ImportNote[] {
  if (firstLine === 1) return notes;
  return notes.map((one) => (one.line === undefined ? one : { ...one, line: one.line + firstLine - 1 }));
}
