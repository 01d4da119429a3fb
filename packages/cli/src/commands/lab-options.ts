import path from 'node:path';
import type { LabRequest, LabVariant, OwnKernel } from '@quiesce/kernel-lab';
import { type Machine, parseMachine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import type { KernelLab } from '../input/kernel-lab.ts';
import { readInput } from '../input/read-input.ts';

/** `quiesce lab`'s options as commander gives them. */
export interface LabOptions {
  readonly machine: string;
  readonly strategy: string[];
  readonly option: string[];
  readonly kernel: string;
  readonly kernelImage?: string;
  readonly modules?: string;
  readonly copy?: boolean;
  readonly iommuOff?: boolean;
  readonly modes?: string[];
  readonly interrupts: LabVariant['interrupts'];
  readonly fresh?: boolean;
  readonly undriven: number;
  readonly readDumpTwice?: boolean;
  readonly runs: number;
  readonly seeds: number;
  readonly dryRun?: boolean;
  readonly baseline?: string;
  readonly format: 'table' | 'json' | 'junit' | 'markdown';
  readonly keep?: string;
}

/** A machine of the lab by name, or from a file. @throws UserError */
export async function labMachine(name: string, lab: KernelLab): Promise<Machine> {
  if (!name.endsWith('.json')) return lab.labTopology(name);
  return parseMachine(new TextDecoder().decode(await readInput(name)), { file: name });
}

/** @throws UserError `USAGE` for modes that there are not, or for what excludes each other */
export function labVariant(options: LabOptions, machine: Machine): LabVariant {
  if (options.iommuOff === true && options.copy === false) {
    throw new UserError('USAGE', '--no-copy and --iommu-off exclude each other');
  }
  const own = machine.scalable ? 'scalable' : 'legacy';
  const [first = own, second = first, more] = options.modes ?? [];
  const wrong = [first, second].find((one) => one !== 'legacy' && one !== 'scalable') ?? more;
  if (wrong !== undefined) {
    throw new UserError('USAGE', `--modes ${options.modes?.join(',')} is not understood`, {
      expected: 'legacy or scalable, or one for each kernel: scalable,legacy',
    });
  }
  return {
    tables: options.iommuOff === true ? 'iommu-off' : options.copy === false ? 'no-copy' : 'copy',
    firstScalable: first === 'scalable',
    secondScalable: second === 'scalable',
    interrupts: options.interrupts,
    undrivenMs: options.undriven,
    readsDumpTwice: options.readDumpTwice === true,
  };
}

/** The kernel as the lab is asked for it. @throws UserError `USAGE` for modules without an image */
export function labKernelOf(options: LabOptions, cwd: string): LabRequest['kernel'] {
  const { kernelImage, modules } = options;
  if (kernelImage === undefined) {
    if (modules !== undefined) {
      throw new UserError('USAGE', '--modules goes with --kernel-image', { expected: '--kernel-image FILE' });
    }
    return options.kernel;
  }
  const own: OwnKernel = {
    image: path.resolve(cwd, kernelImage),
    ...(modules === undefined ? {} : { modules: path.resolve(cwd, modules) }),
  };
  return own;
}

/** The version that a kernel's name says, as far as it says one: `6.1`, `6.1.187`. Undefined for one's own. */
export function versionOfKernel(kernel: LabRequest['kernel']): string | undefined {
  return typeof kernel === 'string' ? kernel.replace(/^debian-/, '') : undefined;
}
