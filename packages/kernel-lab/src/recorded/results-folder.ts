import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabCombination } from '../matrix/lab-combination.ts';
import { parseRecordedRuns, type RecordedRuns, recordedFile, recordedText } from './recorded-runs.ts';

/** Every recorded combination of a folder, by file name. A folder that is not there has none. @throws UserError `LAB_RESULT` */
export async function readResults(folder: string): Promise<RecordedRuns[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const named = files.filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    named.map(async (file) =>
      parseRecordedRuns(await readFile(join(folder, file), 'utf8'), join(folder, file)),
    ),
  );
}

/** The runs of one combination, if the folder has them. @throws UserError `LAB_RESULT` */
export async function readResult(
  folder: string,
  combination: LabCombination,
): Promise<RecordedRuns | undefined> {
  const file = join(folder, recordedFile(combination));
  try {
    return parseRecordedRuns(await readFile(file, 'utf8'), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a combination's runs, whole or not at all. @returns the file */
export async function writeResult(folder: string, recorded: RecordedRuns): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, recordedFile(recorded.combination));
  const unfinished = `${file}.${randomUUID()}.tmp`;
  await writeFile(unfinished, recordedText(recorded));
  await rename(unfinished, file);
  return file;
}
