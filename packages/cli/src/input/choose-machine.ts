import path from 'node:path';
import { importMachine, type Machine, parseMachine, preset } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { readMachine } from './read-capture.ts';
import { readInput } from './read-input.ts';

/** The options that say which machine. */
export interface MachineOptions {
  readonly machine?: string;
  /** Whatever there is of a real machine, see {@link readMachine}. */
  readonly capture?: readonly string[];
  readonly lspci?: string;
  readonly acpi?: string;
  readonly iomem?: string;
}

/** A preset by name, a machine file (`.json`), or the captures of a real one. */
export async function chooseMachine(options: MachineOptions, fallback: string): Promise<Machine> {
  const { lspci, acpi, iomem, capture = [] } = options;
  if (capture.length > 0) {
    if (lspci !== undefined || options.machine !== undefined) {
      throw new UserError('USAGE', '--capture excludes --machine and --lspci', {
        expected: '--capture PATH for each file of the machine',
      });
    }
    return readMachine(capture, process.cwd());
  }
  if (lspci === undefined) {
    if (acpi !== undefined || iomem !== undefined) {
      throw new UserError('USAGE', '--acpi and --iomem go with --lspci', { expected: '--lspci FILE' });
    }
    const name = options.machine ?? fallback;
    if (name.endsWith('.json')) {
      const text = new TextDecoder().decode(await readInput(name));
      return parseMachine(text, { file: name });
    }
    return preset(name);
  }
  if (options.machine !== undefined) {
    throw new UserError('USAGE', '--machine and --lspci exclude each other');
  }
  return importMachine(
    {
      lspci: await readInput(lspci),
      ...(acpi === undefined ? {} : { acpi: await readInput(acpi) }),
      ...(iomem === undefined ? {} : { iomem: await readInput(iomem) }),
    },
    {
      name: path.basename(path.dirname(path.resolve(lspci))),
      files: { lspci, ...(acpi === undefined ? {} : { acpi }), ...(iomem === undefined ? {} : { iomem }) },
    },
  );
}

/** The same choice as arguments of `quiesce machines`. */
export function machineArguments(options: MachineOptions): string {
  const files = (['lspci', 'acpi', 'iomem'] as const).flatMap((kind) =>
    options[kind] === undefined ? [] : [`--${kind} ${options[kind]}`],
  );
  const captures = [...(options.capture ?? []).map((one) => `--capture ${one}`), ...files];
  return captures.length > 0 ? captures.join(' ') : (options.machine ?? '');
}
