import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../runner/package-folder.ts';
import type { Scenario } from './scenario.ts';

/** A fixed case: one that is worth keeping, or one that the model or QEMU once got wrong. */
export interface CorpusCase {
  readonly name: string;
  /** What it shows. */
  readonly note: string;
  /** Name of one of the units. */
  readonly unit: string;
  /** Ids of the listed deviations that it must still meet, sorted; it meets no other. */
  readonly deviates: readonly string[];
  readonly scenario: Scenario;
}

/** All of them, by name. @throws Error if the folder is absent or a file is not JSON */
export function readCorpus(): CorpusCase[] {
  const folder = packageFolder('corpus/vtd');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      name: file.slice(0, -'.json'.length),
      ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<CorpusCase, 'name'>),
    }));
}
