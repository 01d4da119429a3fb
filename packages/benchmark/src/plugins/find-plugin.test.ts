import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { findPlugin } from './find-plugin.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'quiesce-plugins-'));
afterAll(() => rmSync(folder, { recursive: true }));

function packageWith(name: string, exports: unknown): string {
  const own = path.join(folder, 'node_modules', name);
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'package.json'), JSON.stringify({ name, type: 'module', exports }));
  writeFileSync(path.join(own, 'entry.js'), 'export default {};');
  return pathToFileURL(path.join(own, 'entry.js')).href;
}

it.each([
  ['plain', './entry.js'],
  ['@someone/scoped', { '.': './entry.js' }],
  ['import-only', { '.': { types: './entry.d.ts', import: './entry.js' } }],
  ['nested-conditions', { '.': { import: { types: './entry.d.ts', default: './entry.js' } } }],
])('the package %s', (name, exports) => {
  const entry = packageWith(name, exports);
  expect(findPlugin(name, [folder])).toBe(entry);
});

it('short names stand for packages', () => {
  const entry = packageWith('@quiesce/strategy-short', './entry.js');
  expect(findPlugin('short', [folder])).toBe(entry);
});

it('files, with or without ./', () => {
  const file = path.join(folder, 'mine.js');
  writeFileSync(file, 'export default {};');
  for (const named of ['mine.js', './mine.js', file]) {
    expect(findPlugin(named, [folder])).toBe(pathToFileURL(file).href);
  }
});

it.each(['', 'nope', './nope.js', 'fs', 'node:fs', '.', '..', '/', '../../../../etc'])(
  '%j is no strategy',
  (name) => {
    expect(() => findPlugin(name, [folder], ['none'])).toThrow(
      expect.objectContaining({ code: 'STRATEGY_UNKNOWN', expected: 'one of none, or a package or file' }),
    );
  },
);
