import { describe, expect, it } from 'vitest';
import { read, repositoryFiles } from './repository.ts';

const LIMIT = 400;
const files = repositoryFiles();
const code = files.filter((path) => /\.(ts|mjs|js)$/.test(path) && !/\/etc\/.*\.api\.d\.ts$/.test(path));

describe('files', () => {
  it(`have at most ${LIMIT} lines of code`, () => {
    const lengths = code.map((path) => ({ path, lines: read(path).split('\n').length - 1 }));
    const long = lengths.filter(({ path, lines }) => lines > 200 && !path.includes('.test'));
    if (long.length > 0) {
      const list = long.map(({ path, lines }) => `  ${lines} ${path}`).sort();
      console.info(`over 200 lines (allowed, but look twice):\n${list.join('\n')}`);
    }
    expect(lengths.filter(({ lines }) => lines > LIMIT)).toEqual([]);
  });

  it('are named for what they do', () => {
    const vague = /(^|\/)(utils?|helpers?|misc|common|types|constants|lib)(\.[a-z.]+$|\/)/;
    expect(code.filter((path) => vague.test(path))).toEqual([]);
  });

  it('name no place of the machine they were written on, and no registry', () => {
    // Put together here, so that this file does not find itself.
    const places = ['work', 'home', 'root', 'Users', 'tmp'].map((name) => `/${name}/[\\w.]`);
    const forbidden = new RegExp(`(?<![\\w.*$}~-])(${places.join('|')})|registry[.](npmjs|yarnpkg)[.]`);
    const text = files.filter((path) => /\.(ts|mjs|js|json|ya?ml|md)$|(^|\/)(run|\.npmrc)$/.test(path));
    const wrong = text.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, i) =>
          forbidden.test(line) ? [`${path}:${i + 1} ${line.trim().slice(0, 100)}`] : [],
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('keep download addresses out of the lockfile', () => {
    expect(read('pnpm-lock.yaml')).not.toMatch(/https?:\/\/|tarball:/);
  });
});
