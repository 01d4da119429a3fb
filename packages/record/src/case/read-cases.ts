import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { UserError } from '@quiesce/simulation';
import { parseCase } from './parse-case.ts';
import type { RecordCase } from './record-case.ts';

/** Bytes of a case file; the largest of ours has some 8 KB. */
const MAX_BYTES = 1_000_000;

/** Folder of the cases that this package brings along, found from its sources and from what they are built to. */
export const ownCases: string = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@quiesce/record/package.json')),
  'cases',
);

/**
 * Reads every `*.json` of each folder, in the order of their dates, then of their names.
 * @throws UserError `CASE_FILE`, `CASE_SYNTAX`, `CASE_SHAPE`, `CASE_ID`; each names the file and the line
 */
export function readCases(folders: readonly string[] = [ownCases]): RecordCase[] {
  const cases: RecordCase[] = [];
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith('.json')) continue;
      const file = path.join(folder, name);
      const one = parseCase(readBounded(file), file);
      const earlier = files.get(one.id);
      if (earlier !== undefined) {
        throw new UserError('CASE_ID', `the case ${one.id} is there twice`, {
          place: { file },
          expected: `another id than that of ${earlier}`,
        });
      }
      files.set(one.id, file);
      cases.push(one);
    }
  }
  return cases.sort((a, b) => compareText(a.date, b.date) || compareText(a.id, b.id));
}

function readBounded(file: string): string {
  const bytes = readFileSync(file);
  if (bytes.length <= MAX_BYTES) return bytes.toString('utf8');
  throw new UserError('CASE_FILE', `a case of ${bytes.length} bytes`, {
    place: { file },
    expected: `at most ${MAX_BYTES} bytes`,
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
