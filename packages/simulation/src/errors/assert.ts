/** Thrown by {@link assert}: the code of this project, or of a plugin that ignores its types, is wrong. */
export class AssertionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AssertionError';
  }
}

/** A programmer's mistake. Stays on in production. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
