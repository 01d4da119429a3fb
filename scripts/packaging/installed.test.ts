import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { packages, root } from '../tidy/repository.ts';
import { Consumer } from './consumer.ts';
import { readmeExample } from './readme-example.ts';

const packed = inject('packed');
const user = new Consumer();

beforeAll(async () => {
  const result = await user.install(packed);
  expect(result.code, result.stderr).toBe(0);
});
afterAll(() => user.remove());

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: false,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

function typeErrors(file: string): string[] {
  const program = ts.createProgram([file], compilerOptions);
  return ts.getPreEmitDiagnostics(program).map((one) => {
    const text = ts.flattenDiagnosticMessageText(one.messageText, '\n');
    if (one.file === undefined || one.start === undefined) return text;
    const { line } = one.file.getLineAndCharacterOfPosition(one.start);
    return `${one.file.fileName}:${line + 1} ${text}`;
  });
}

describe.each(packed.map((one) => [one.name, one] as const))(
  '%s, installed from its tarball',
  (name, { folder }) => {
    const manifest = packages().find((one) => one.folder === folder)?.manifest;
    const entries = Object.keys(manifest?.exports ?? {}).filter((entry) => !entry.endsWith('.json'));

    it.each(entries)('can be imported: %s', async (entry) => {
      const specifier = join(name, entry);
      const result = await user.run(process.execPath, [
        '--input-type=module',
        '--eval',
        `console.log(Object.keys(await import('${specifier}')).length)`,
      ]);
      expect(result.stderr).toBe('');
      expect(Number(result.stdout)).toBeGreaterThanOrEqual(0);
    });

    it('does what its README shows first', async () => {
      const example = readmeExample(user.read(`node_modules/${name}/README.md`) ?? '');
      expect(example).toBeDefined();
      const { language, code, prints } = example as NonNullable<typeof example>;
      if (language === 'sh' || language === 'console') {
        const commands = code.split('\n').map((line) => line.replace(/^\$ /, '').replace(/\s+#.*/, ''));
        const [command] = commands.filter((line) => line.startsWith('npx quiesce'));
        expect(command, 'the first command').toBeDefined();
        const result = await user.run('npx', ['--no-install', ...(command as string).split(' ').slice(1)]);
        expect(result.code, result.stderr).toBe(0);
        return;
      }
      const source = user.write(`${folder}.example.ts`, code);
      expect(typeErrors(source)).toEqual([]);
      const script = ts.transpileModule(code, {
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
      });
      const result = await user.run(process.execPath, [
        user.write(`${folder}.example.js`, script.outputText),
      ]);
      expect(result.stderr).toBe('');
      expect(result.code).toBe(0);
      if (prints !== undefined) expect(result.stdout.trim()).toBe(prints.trim());
    });
  },
);
