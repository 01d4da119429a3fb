import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CapturedFile } from '../capture/captured-file.ts';
import type { MachineCapture } from '../import/import-machine.ts';

/** The folder with captures beside the repository. Tests that need it skip where it is absent. */
export const sharedFolder: string = fileURLToPath(new URL('../../../../../shared', import.meta.url));
export const haveShared: boolean = existsSync(sharedFolder);

/** The captures of one machine; files that it lacks are left out. */
export interface CapturedMachine {
  readonly name: string;
  readonly capture: MachineCapture & { readonly lspci: Uint8Array };
}

/** Every machine of the folder with the config space of its functions, the observed guest included. */
export function capturedMachines(): CapturedMachine[] {
  if (!haveShared) return [];
  const machines = `${sharedFolder}/real-captures/machines`;
  const folders = readdirSync(machines).map((name) => [name, `${machines}/${name}`] as const);
  return [...folders, ['ground-truth', `${sharedFolder}/ground-truth`] as const].flatMap(([name, folder]) => {
    const files = readdirSync(folder);
    const lspci = files.find((file) => /^lspci-nn.*xxxx\.txt$/.test(file));
    const acpi = files.find((file) => file === 'acpidump.txt' || file === 'DMAR.bin');
    const iomem = files.find((file) => file === 'iomem.txt');
    if (lspci === undefined) return [];
    const read = (file: string): Uint8Array => readFileSync(`${folder}/${file}`);
    const capture = {
      lspci: read(lspci),
      ...(acpi === undefined ? {} : { acpi: read(acpi) }),
      ...(iomem === undefined ? {} : { iomem: read(iomem) }),
    };
    return [{ name, capture }];
  });
}

/** All files of one captured machine, as somebody would give them. */
export interface CapturedFolder {
  readonly name: string;
  readonly files: readonly CapturedFile[];
}

/** Every machine of the folder, with each file that it has. */
export function capturedFolders(): CapturedFolder[] {
  if (!haveShared) return [];
  const machines = `${sharedFolder}/real-captures/machines`;
  return readdirSync(machines)
    .sort()
    .map((name) => ({
      name,
      files: readdirSync(`${machines}/${name}`)
        .sort()
        .map((path) => ({ path, content: readFileSync(`${machines}/${name}/${path}`) })),
    }));
}
