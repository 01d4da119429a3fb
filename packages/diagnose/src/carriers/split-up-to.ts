/** Parts a text, into so many pieces at most: the last one takes all that follows, so that nothing of it is lost. */
export function splitUpTo(text: string, separator: string, most: number): string[] {
  const pieces = text.split(separator);
  return pieces.length <= most ? pieces : [...pieces.slice(0, most - 1), pieces.slice(most - 1).join(' ')];
}
