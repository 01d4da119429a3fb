import { treeOfBridges } from '../capture/tree-of-bridges.ts';
import type { Machine } from '../description/machine.ts';
import { type AcpiDump, parseAcpiDump } from './acpi-dump.ts';
import { type Iomem, parseIomem } from './iomem.ts';
import { type LspciDump, parseLspci } from './lspci.ts';
import { machineOfParts } from './machine-of-parts.ts';

/** Captures of one machine: text, bytes, or what a parser of this package made of them. */
export interface MachineCapture {
  readonly lspci: string | Uint8Array | LspciDump;
  /** Text of acpidump, or the binary DMAR table. */
  readonly acpi?: string | Uint8Array | AcpiDump;
  readonly iomem?: string | Uint8Array | Iomem;
}

/** How an imported machine and its captures are called. */
export interface ImportOptions {
  readonly name: string;
  /** Names of the files, for messages. */
  readonly files?: { readonly lspci?: string; readonly acpi?: string; readonly iomem?: string };
}

/**
 * Makes a machine of captures. What they lack is inferred and listed under `inferred`; what they hold and the
 * model has no use for, or could not read, is listed under `notes`.
 * Bridges that make no tree are put right as far as their windows and numbers go, and noted.
 * @throws UserError those of {@link parseLspci}, {@link parseAcpiDump}, {@link parseIomem}
 */
export function importMachine(capture: MachineCapture, options: ImportOptions): Machine {
  const files = { lspci: 'lspci', acpi: 'acpi', iomem: 'iomem', ...options.files };
  const dump = isText(capture.lspci) ? parseLspci(capture.lspci, { file: files.lspci }) : capture.lspci;
  const acpi = isText(capture.acpi) ? parseAcpiDump(capture.acpi, { file: files.acpi }) : capture.acpi;
  const iomem = isText(capture.iomem) ? parseIomem(capture.iomem, { file: files.iomem }) : capture.iomem;
  const functions = dump.functions.map((one) => ({
    ...one,
    file: files.lspci,
    driverKnown: one.verbose ?? dump.verbose,
  }));
  const tree = treeOfBridges(functions);
  return machineOfParts(
    {
      functions: tree.functions,
      ...(acpi === undefined ? {} : { acpi }),
      ...(iomem === undefined ? {} : { iomem }),
      notes: [...dump.notes, ...(acpi?.notes ?? []), ...(iomem?.notes ?? []), ...tree.notes],
      from: Object.keys(capture),
    },
    { name: options.name, files },
  );
}

function isText(input: string | Uint8Array | object | undefined): input is string | Uint8Array {
  return typeof input === 'string' || input instanceof Uint8Array;
}
