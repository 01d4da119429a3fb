import type { KernelProfile } from '@quiesce/boot-sequencer';

/** How a kernel is called in a comparison: by its profile's name. */
export function kernelName(kernel: string | KernelProfile): string {
  return typeof kernel === 'string' ? kernel : kernel.name;
}
