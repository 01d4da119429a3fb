import type { CommandIo } from '../program.ts';

/** All that the package of the kernel lab exports. */
export type KernelLab = typeof import('@quiesce/kernel-lab');

/** The kernel lab, loaded when it is first needed: no other command pays for it. */
export function kernelLabOf(io: CommandIo): Promise<KernelLab> {
  return io.kernelLab?.() ?? import('@quiesce/kernel-lab');
}
