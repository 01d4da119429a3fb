import type { Machine } from '@quiesce/machine';
import { type QemuTopology, qemuTopology } from '@quiesce/qemu-control';
import { UserError } from '@quiesce/simulation';
import { firstInit } from '../guest-scripts/first-init.ts';
import { secondInit } from '../guest-scripts/second-init.ts';
import type { Cache } from '../provision/cache/cache.ts';
import { buildInitramfs } from '../provision/initramfs/build-initramfs.ts';
import type { LabKernel } from '../provision/kernel/lab-kernel.ts';
import { firstCommandLine } from './command-lines.ts';
import type { LabVariant } from './lab-variant.ts';

/** What the lab's guests load, in this order; a codec's driver must be there when its controller is found. */
export const MODULES = ['e1000e', 'nvme', 'snd-hda-codec-generic', 'snd-hda-intel', 'uhci-hcd'] as const;
/** What kexec is given; at setup_arch it is replaced, so that one load serves every variant. */
const LOADED_COMMAND_LINE = 'console=ttyS0,115200 nokaslr';
/** Memory of the first kernel that holds a pattern, MiB. */
const PATTERN_MIB = 16;

/** Everything that a guest is started with. */
export interface BootPlan {
  readonly machine: Machine;
  readonly kernel: LabKernel;
  readonly variant: LabVariant;
  readonly topology: QemuTopology;
  /** Path of the first kernel's initramfs, in which the second kernel and its own stand. */
  readonly initramfs: string;
  readonly firstCommandLine: string;
  /** Modules of the lab's devices that the kernel has neither as modules nor built in. */
  readonly absentModules: readonly string[];
}

/** Builds both kernels' initramfs. @throws UserError of provision, `LAB_KERNEL_IMAGE` without a bzImage to load */
export async function planBoot(
  machine: Machine,
  kernel: LabKernel,
  variant: LabVariant,
  cache: Cache,
): Promise<BootPlan> {
  if (kernel.bzImage === undefined) {
    throw new UserError('LAB_KERNEL_IMAGE', `${kernel.name} is given as an ELF file only`, {
      expected: 'a bzImage, which is what kexec loads as the second kernel',
    });
  }
  const second = await buildInitramfs(
    {
      kernel,
      modules: MODULES,
      // Purgatory sums every byte of it before the second kernel starts.
      programs: ['arecord', 'probe'],
      files: [],
      init: secondInit,
    },
    cache,
  );
  const first = await buildInitramfs(
    {
      kernel,
      modules: MODULES,
      files: [
        { path: '/second/kernel', source: kernel.bzImage },
        { path: '/second/initramfs', source: second.path },
      ],
      init: firstInit({ secondCommandLine: LOADED_COMMAND_LINE, patternMib: PATTERN_MIB }),
    },
    cache,
  );
  return {
    machine,
    kernel,
    variant,
    topology: qemuTopology(machine, { networks: true }),
    initramfs: first.path,
    firstCommandLine: firstCommandLine(variant),
    absentModules: first.absent,
  };
}
