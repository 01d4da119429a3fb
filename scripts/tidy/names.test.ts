import { describe, expect, it } from 'vitest';
import { isTest, packages, read, repositoryFiles } from './repository.ts';

const strategies = packages()
  .map(({ folder }) => /^strategy-(.+)$/.exec(folder)?.[1])
  .filter((name) => name !== undefined);

/** Words of the field, which code may use for what they mean; nothing may compare a strategy with any name, though. */
const words = ['none', 'function-level-reset'];
const names = strategies.filter((name) => !words.includes(name));

const cases = repositoryFiles()
  .map((path) => /^packages\/record\/cases\/(.+)\.json$/.exec(path)?.[1])
  .filter((id) => id !== undefined);

const code = repositoryFiles().filter(
  (path) => /\.(ts|mjs|js)$/.test(path) && /^(packages|scripts)\//.test(path) && !isTest(path),
);

/** Without comments: a README or a docstring may name what it likes. */
function statements(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

/** Lines in which one of the names stands as a whole string. */
function quoted(path: string, names: readonly string[]): string[] {
  const text = statements(path);
  return names.filter(
    (name) => text.includes(`'${name}'`) || text.includes(`"${name}"`) || text.includes(`\`${name}\``),
  );
}

describe('names', () => {
  it('there are strategies and cases to look for', () => {
    expect(strategies.length).toBeGreaterThan(15);
    expect(cases.length).toBeGreaterThan(45);
  });

  it('no code outside of a strategy knows its name', () => {
    const outside = code.filter((path) => !path.startsWith('packages/strategy-'));
    const found = outside.flatMap((path) => quoted(path, names).map((name) => `${path}: ${name}`));
    const compared = outside.filter((path) => /strategy(\.name)?\s*[!=]==?\s*['"`]/i.test(statements(path)));
    expect([...found, ...compared]).toEqual([]);
  });

  it('no strategy knows another one', () => {
    const found = code.flatMap((path) => {
      const own = /^packages\/strategy-([^/]+)\//.exec(path)?.[1];
      if (own === undefined) return [];
      return quoted(
        path,
        names.filter((name) => name !== own),
      ).map((name) => `${path}: ${name}`);
    });
    expect(found).toEqual([]);
  });

  it('no code knows a case of the record', () => {
    const found = code.flatMap((path) => quoted(path, cases).map((id) => `${path}: ${id}`));
    expect(found).toEqual([]);
  });
});
