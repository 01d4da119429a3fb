const LONGEST = 500;

/** What was thrown, as one line of bounded length; whatever was thrown. */
export function errorText(thrown: unknown): string {
  let text: string;
  try {
    text = thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown);
  } catch {
    text = 'something that has no text';
  }
  const line = text
    .slice(0, 2 * LONGEST)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
