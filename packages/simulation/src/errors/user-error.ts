/** Where in a user's input an error was found. */
export interface ErrorPlace {
  /** File as the user named it. */
  readonly file?: string | undefined;
  /** Line, counted from 1. */
  readonly line?: number | undefined;
  /** Byte offset, counted from 0. */
  readonly offset?: number | undefined;
}

/**
 * A user's mistake: bad input, an unknown name, an option out of range.
 * Carries a stable code, what was expected and where. A programmer's mistake is an {@link assert} instead.
 */
export class UserError extends Error {
  /** Stable, upper-case, e.g. `DMAR_TRUNCATED`. */
  readonly code: string;
  readonly place: ErrorPlace;
  /** What would have been right, if that can be said. */
  readonly expected: string | undefined;

  constructor(code: string, message: string, details: { expected?: string; place?: ErrorPlace } = {}) {
    super(formatMessage(message, details.expected, details.place ?? {}));
    this.name = 'UserError';
    this.code = code;
    this.place = details.place ?? {};
    this.expected = details.expected;
  }
}

function formatMessage(message: string, expected: string | undefined, place: ErrorPlace): string {
  const parts: string[] = [];
  if (place.file !== undefined) parts.push(place.file);
  if (place.line !== undefined) parts.push(`line ${place.line}`);
  if (place.offset !== undefined) parts.push(`offset 0x${place.offset.toString(16)}`);
  const prefix = parts.length > 0 ? `${parts.join(', ')}: ` : '';
  return `${prefix}${message}${expected === undefined ? '' : ` (expected ${expected})`}`;
}
