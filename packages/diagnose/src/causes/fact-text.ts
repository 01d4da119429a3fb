import { type KernelFactName, kernelFact } from '@quiesce/machine';

/** What kernels of some versions do, in words, with the commit or the version in which it was read. */
export function factText(name: KernelFactName): string {
  const { says, source } = kernelFact(name);
  return `${says} (${source})`;
}
