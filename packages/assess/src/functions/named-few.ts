/** Some names of a long list, and how many there are beside them: `a, b, c, d and 3 more`. */
export function namedFew(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
