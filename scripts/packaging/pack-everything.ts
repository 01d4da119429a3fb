import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { publicPackages, root } from '../tidy/repository.ts';

/** A public package as its users get it. */
export interface PackedPackage {
  readonly name: string;
  /** Name of its folder below packages/. */
  readonly folder: string;
  /** Path of the .tgz. */
  readonly tarball: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    packed: PackedPackage[];
  }
}

const run = promisify(execFile);

/** Packs every public package once, into a temporary folder that is removed after the tests. */
export default async function packEverything(project: TestProject): Promise<() => void> {
  const destination = mkdtempSync(join(tmpdir(), 'quiesce-packed-'));
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const filters = ['--filter', './packages/*'];
  await run(
    'npx',
    ['--yes', '--prefer-offline', packageManager, ...filters, 'pack', '--pack-destination', destination],
    { cwd: root },
  );
  const tarballs = readdirSync(destination);
  const packed = publicPackages().map(({ folder, manifest }) => {
    const start = `${manifest.name.replace('@', '').replace('/', '-')}-`;
    const tarball = tarballs.find((file) => file.startsWith(start) && /^\d/.test(file.slice(start.length)));
    if (tarball === undefined) throw new Error(`${manifest.name} was not packed`);
    return { name: manifest.name, folder, tarball: join(destination, tarball) };
  });
  project.provide('packed', packed);
  return () => rmSync(destination, { recursive: true, force: true });
}
