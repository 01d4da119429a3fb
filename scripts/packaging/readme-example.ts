/** The first code block of a README and, if a `text` block follows as the next one, what it should print. */
export interface ReadmeExample {
  /** `ts`, `js`, `sh` or whatever stands after the fence. */
  readonly language: string;
  readonly code: string;
  readonly prints: string | undefined;
}

/** Finds the example that a README begins with; undefined if it has no code block. */
export function readmeExample(markdown: string): ReadmeExample | undefined {
  const blocks = [...markdown.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```/gm)];
  const [first, second] = blocks;
  if (first === undefined) return undefined;
  return {
    language: first[1] as string,
    code: first[2] as string,
    prints: second?.[1] === 'text' ? second[2] : undefined,
  };
}
