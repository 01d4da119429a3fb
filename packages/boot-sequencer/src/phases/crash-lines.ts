import type { Kernel } from '../kernel/kernel.ts';

/** What a kernel says of a use after free, whatever its era. */
const useAfterFree: readonly string[] = [
  'general protection fault: 0000 [#1] SMP',
  'Kernel panic - not syncing: Fatal exception',
];

/** What the first kernel prints as it dies. */
export function crashLines(kernel: Kernel): readonly string[] {
  const died = kernel.world.machine.workload.crash ?? 'sysrq';
  return died === 'sysrq' ? kernel.profile.messages.crash : useAfterFree;
}
