const compiled = new Map<string, RegExp>();

/** The regular expression of a statement, compiled once. @throws SyntaxError if it is none */
export function pattern(source: string): RegExp {
  let found = compiled.get(source);
  if (found === undefined) {
    found = new RegExp(source);
    compiled.set(source, found);
  }
  return found;
}

/** Why a text is no regular expression; undefined if it is one. */
export function patternFault(source: string): string | undefined {
  try {
    pattern(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
