import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';
import { root } from '../tidy/repository.ts';

const run = promisify(execFile);

describe.each(inject('packed').map((one) => [one.name, one] as const))('%s', (_, { tarball }) => {
  it('has nothing that publint objects to', async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('gives TypeScript the types that Node runs', async () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const args = [attw, tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'];
    const result = await run(process.execPath, args).catch((error) => error);
    expect(result.code, `${result.stdout}${result.stderr}`).toBeUndefined();
    expect(result.stdout).not.toMatch(/does not contain types|No types/i);
  });

  it('holds what a user needs and no tests', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    expect(files).toEqual(
      expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/package.json']),
    );
    expect(files.some((file) => file.startsWith('package/dist/'))).toBe(true);
    expect(files.filter((file) => /\.test|\.tsbuildinfo|\.snap/.test(file))).toEqual([]);
    const manifest = await run('tar', ['-xzOf', tarball, 'package/package.json']);
    expect(manifest.stdout).not.toMatch(/workspace:|@quiesce\/source/);
  });
});
