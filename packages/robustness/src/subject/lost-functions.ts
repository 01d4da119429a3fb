import { functionName, type ImportNote, parseFunctionName } from '@quiesce/machine';
import { ReportedPlaces } from './reported-places.ts';

const heading = /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] [A-Z]/;

/** The first function that a text with sections of `lspci` has a heading of, and that is neither imported nor reported. */
export function lostFunction(
  text: string,
  functions: ReadonlySet<string>,
  notes: readonly ImportNote[],
): string | undefined {
  const reported = new ReportedPlaces(notes);
  for (const [index, raw] of text.split('\n').entries()) {
    const match = heading.exec(raw);
    if (match === null) continue;
    const place = parseFunctionName(match[0].slice(0, match[0].indexOf(' ')));
    if (place === undefined || functions.has(functionName(place))) continue;
    if (!reported.within(index + 1, index + 1)) return `line ${index + 1}: ${functionName(place)} is lost`;
  }
  return undefined;
}
