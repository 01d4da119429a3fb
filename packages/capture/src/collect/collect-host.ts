import type { MachineReader } from './machine-reader.ts';
import { acpiTables, filteredFiles, filteredFolders, wholeFiles } from './what-is-read.ts';

/** ACPI says a table's length in 32 bits; those taken here have some hundreds of bytes, large MADTs some thousands. */
const tableBytes = 1024 * 1024;

/** The kernel, its parameters, kdump's configuration, and ACPI's tables. */
export function collectHost(reader: MachineReader, privileged: boolean): void {
  for (const path of wholeFiles) reader.takeText(path);
  const iomem = reader.files.find(({ path }) => path === 'proc/iomem');
  if (iomem !== undefined && 'text' in iomem && !hasAddresses(iomem.text)) {
    reader.fail('proc/iomem', `all addresses are 0${privileged ? '' : ': run as root'}`);
  }
  for (const { path, begins } of filteredFiles) reader.takeText(path, { keep: beginsWith(begins) });
  for (const { path, ending, begins } of filteredFolders) {
    for (const name of reader.names(path)) {
      if (name.endsWith(ending)) reader.takeText(`${path}/${name}`, { keep: beginsWith(begins) });
    }
  }
  for (const name of acpiTables) reader.takeBytes(`sys/firmware/acpi/tables/${name}`, tableBytes);
}

function hasAddresses(iomem: string): boolean {
  return /[1-9a-f][0-9a-f]* :/.test(iomem);
}

function beginsWith(words: readonly string[]): (line: string) => boolean {
  return (line) => words.some((word) => line.trimStart().startsWith(word));
}
