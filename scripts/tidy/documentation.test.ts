import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { publicPackages, root, sourceEntries } from './repository.ts';

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { tsBuildInfoFile: _, ...options } = ts.convertCompilerOptionsFromJson(
  config.compilerOptions,
  root,
).options;

const entries = publicPackages().flatMap((one) =>
  sourceEntries(one).map((entry) => ({ name: one.manifest.name, file: join(one.path, entry) })),
);

describe('documentation', () => {
  it('stands with every exported symbol of every entry', { timeout: 120_000 }, () => {
    const program = ts.createProgram(
      entries.map(({ file }) => file),
      { ...options, noEmit: true, incremental: false },
    );
    const checker = program.getTypeChecker();
    const missing = entries.flatMap(({ name, file }) => {
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      if (module === undefined) return [];
      return checker.getExportsOfModule(module).flatMap((exported) => {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
        if (symbol.getDocumentationComment(checker).length > 0) return [];
        const place = symbol.declarations?.[0]?.getSourceFile().fileName.replace(`${root}/`, '');
        return [`${name} ${exported.name} (${place})`];
      });
    });
    expect([...new Set(missing)]).toEqual([]);
  });
});
