import path from 'node:path';
import { openCapture } from '@quiesce/capture';
import { type ImportedCapture, importCapture, type Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';

/**
 * Reads everything that was given of one machine: captures, folders, archives, files.
 * @throws UserError those of openCapture and importCapture
 */
export async function readCapture(paths: readonly string[], cwd: string): Promise<ImportedCapture> {
  const { files, notes } = await openCapture(paths.map((one) => path.resolve(cwd, one)));
  const capture = importCapture(files, { name: path.basename(path.resolve(cwd, paths[0] ?? '.')) });
  return { ...capture, notes: [...capture.notes, ...notes] };
}

/**
 * The machine of a capture.
 * @throws UserError `CAPTURE_MACHINE` if it names no PCI function, and those of {@link readCapture}
 */
export async function readMachine(paths: readonly string[], cwd: string): Promise<Machine> {
  const { machine } = await readCapture(paths, cwd);
  if (machine !== undefined) return machine;
  throw new UserError('CAPTURE_MACHINE', 'no PCI function was found', {
    expected: 'a capture, lspci, a sysfs tree or a boot log of one machine',
    place: { file: paths.join(', ') },
  });
}
